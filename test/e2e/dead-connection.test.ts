// The host of an upstream that died without a word: nothing comes, no end and no reset either. TCP's own probes find it out, where the
// limits allow longer silence; then the call ends as one that broke off.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { networkFault } from "../../src/gateway/network-fault.ts";
import { stream, text } from "../support/chat-frames.ts";
import { startStage } from "../support/gateway.ts";
import { body, finished, send } from "./client.ts";

/** The timers of connections to a port of this machine, as Linux tells them: which (2 = the probes), and seconds until it rings. */
function timersTo(port: number): { kind: number; seconds: number }[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n");
  const fields = rows.map((row) => row.trim().split(/\s+/)).filter(([, , remote, state]) => remote?.endsWith(`:${hex}`) && state === "01");
  return fields.map((row) => {
    const [kind, when] = (row[5] ?? "").split(":");
    return { kind: Number(kind), seconds: Number.parseInt(when ?? "", 16) / 100 };
  });
}

describe.skipIf(process.platform !== "linux")("a connection is probed after thirty seconds of silence", () => {
  test("while a reply is awaited, and while it is kept for the next call", async () => {
    const { upstream, url } = await startStage();
    upstream.play((exchange) => exchange.send(text("half a")));
    const reply = await send(url, body({ stream: true })).reply;
    await reply.until("response.output_text.delta");
    await expect.poll(() => timersTo(upstream.port).map(({ kind }) => kind)).toEqual([2]);
    for (const { seconds } of timersTo(upstream.port)) expect(seconds).toBeLessThanOrEqual(30);
    upstream.exchanges[0]?.send(stream("story"));
    upstream.exchanges[0]?.end();
    await finished(reply);
    expect(timersTo(upstream.port)).toMatchObject([{ kind: 2 }]);
  });
});

test("what the probes find is a reply that broke off, not a server that cannot be reached", () => {
  const dead = Object.assign(new Error("read ETIMEDOUT"), { code: "ETIMEDOUT", syscall: "read" });
  expect(networkFault(dead, new URL("http://box.example:8080/v1/secret"), false)).toMatchObject({
    kind: "cut",
    status: 502,
    message: "box.example:8080 is gone: its connection died before its reply was complete.",
  });
});
