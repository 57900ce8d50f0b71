import { request as nodeRequest } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { bytes, heldTurns, SSE } from "./fake-gateway.ts";
import { post, rawClient, unchunk } from "./raw-client.ts";
import { serve } from "./serve.ts";

describe("a client that leaves", () => {
  test.each(["FIN", "RST"])("before the headers (%s) is noticed", async (how) => {
    const { port, gateway } = await serve();
    const { ports, gone, goneCount } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    if (how === "FIN") client.socket.destroy();
    else client.socket.resetAndDestroy();
    await gone;
    // From here on every call is a no-op, and whoever asks late hears at once.
    const reply = ports[0];
    reply?.start(200, SSE);
    expect(reply?.write(bytes("x"))).toBe(true);
    reply?.end();
    reply?.destroy();
    let late = false;
    reply?.onGone(() => (late = true));
    expect(late).toBe(true);
    expect(goneCount()).toBe(1);
  });

  test.each(["FIN", "RST"])("in the middle of a silent stream (%s) is noticed", async (how) => {
    const { port, gateway } = await serve();
    const { ports, gone } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    ports[0]?.write(bytes("data: 1\n\n"));
    await client.until(/data: 1/);
    if (how === "FIN") client.socket.destroy();
    else client.socket.resetAndDestroy();
    await gone;
  });

  test("after the end is no client that is gone", async () => {
    const { port, gateway } = await serve();
    const { ports, goneCount, finish } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    ports[0]?.end();
    await client.until(/0\r\n\r\n$/);
    client.socket.destroy();
    await client.closed;
    finish();
    expect(goneCount()).toBe(0);
  });

  test("with several requests in the pipe is gone for each of them", async () => {
    const { port, gateway } = await serve();
    const { gone, goneCount } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"), post(port, "{}"));
    await gateway.arrived(2);
    client.socket.resetAndDestroy();
    await gone;
    expect(goneCount()).toBe(2);
  });
});

describe("a client that only stopped sending", () => {
  test("keeps its stream from before the headers to the end", async () => {
    const { port, gateway } = await serve();
    const { ports, goneCount, finish } = heldTurns(gateway);
    const client = rawClient(port);
    client.send(post(port, "{}"));
    client.socket.end();
    await gateway.arrived(1);
    // Several probes have come: it is not taken for one that left, and stays so while the stream is silent.
    await client.until(/(HTTP\/1\.1 100 Continue\r\n\r\n){3}/);
    ports[0]?.start(200, SSE);
    ports[0]?.write(bytes("data: 1\n\n"));
    await client.until(/data: 1\n\n\r\n0/);
    ports[0]?.write(bytes("data: 2\n\n"));
    ports[0]?.end();
    finish();
    const received = (await client.closed).replaceAll("HTTP/1.1 100 Continue\r\n\r\n", "");
    expect(unchunk(received)).toEqual({ text: "data: 1\n\ndata: 2\n\n", whole: true });
    expect(goneCount()).toBe(0);
  });

  test("can be any HTTP client: Node's own reads such a reply", async () => {
    const { port, gateway } = await serve();
    const { ports, finish } = heldTurns(gateway);
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    let probed = false;
    const reading = new Promise<string>((resolve, reject) => {
      const outgoing = nodeRequest(
        { method: "POST", path: "/v1/responses", headers: { host: `127.0.0.1:${port}` }, createConnection: () => socket },
        (incoming) => {
          let text = "";
          incoming.setEncoding("utf8");
          incoming.on("data", (part: string) => {
            text += part;
            if (text !== "data: 1\n\n") return;
            // Bytes that are no content: a probe. It comes by the clock, so that is looked at until it is there.
            const before = socket.bytesRead;
            const look = setInterval(() => {
              probed = socket.bytesRead > before;
              if (!probed) return;
              clearInterval(look);
              ports[0]?.write(bytes("data: 2\n\n"));
              ports[0]?.end();
              finish();
            }, 2);
          });
          incoming.on("end", () => resolve(`${incoming.statusCode} ${text}`));
        },
      );
      outgoing.on("error", reject);
      outgoing.end("{}", () => socket.end());
    });
    await gateway.arrived(1);
    ports[0]?.start(200, SSE);
    ports[0]?.write(bytes("data: 1\n\n"));
    const reply = await reading;
    expect(probed).toBe(true);
    expect(reply).toBe("200 data: 1\n\ndata: 2\n\n");
  });
});
