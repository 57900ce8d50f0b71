// A request made ready for a target: where it goes, with which headers, and that nothing of the client's goes with it.
import { describe, expect, test } from "vitest";
import { prepare } from "../../src/gateway/prepare.ts";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { FaultError } from "../../src/hub/fault.ts";
import { LossList } from "../../src/hub/loss.ts";
import type { HubRequest } from "../../src/hub/request.ts";
import { parseJson } from "../../src/kit/json.ts";
import { target, type TargetOptions } from "./fake-target.ts";

const losses = new LossList();
const ask = (stream: boolean): HubRequest => readRequest({ model: "m", input: "Hi", stream }, losses);
const prepared = (stream: boolean, options: TargetOptions = {}): ReturnType<typeof prepare> =>
  prepare(ask(stream), target(options), () => ({ state: "foreign" }), losses);

test("the address, the upstream's name for the model, and a body of bytes", async () => {
  const { request } = await prepared(true);
  expect(request.url).toBe("http://acme.example/v1/chat/completions");
  expect(parseJson(request.body.toString())).toMatchObject({ model: "upstream-m", stream: true });
});

describe("headers", () => {
  test("say what is sent, what is taken, and whose key it is", async () => {
    expect((await prepared(true, { key: "k" })).request.headers).toEqual({
      "content-type": "application/json",
      accept: "text/event-stream",
      "accept-encoding": "identity",
      "user-agent": "waystation",
      authorization: "Bearer k",
    });
    const { headers } = (await prepared(false)).request;
    expect(headers["accept"]).toBe("application/json");
    expect(headers).not.toHaveProperty("authorization");
  });

  test("of the user's own win", async () => {
    const { headers } = (await prepared(true, { key: "k", headers: { authorization: "Own", "x-team": "t" } })).request;
    expect(headers).toMatchObject({ authorization: "Own", "x-team": "t" });
  });
});

test.each<["as_client" | "always" | "never", boolean, boolean]>([
  ["as_client", true, true],
  ["as_client", false, false],
  ["always", false, true],
  ["never", true, false],
])("an upstream that streams %s, for a client that asks %s, is asked %s", async (upstreamStream, asked, sent) => {
  const { stream, request } = await prepared(asked, { quirks: { upstreamStream } });
  expect(stream).toBe(sent);
  expect(parseJson(request.body.toString())).toMatchObject({ stream: sent });
});

test("the same request is the same bytes", async () => {
  expect((await prepared(true)).request.body.equals((await prepared(true)).request.body)).toBe(true);
});

test("a dialect that is not spoken is refused with a sentence", async () => {
  const chat = target({});
  const foreign = { ...chat, provider: { ...chat.provider, provider: { ...chat.provider.provider, dialect: "gemini" as const } } };
  const failure = await prepare(ask(true), foreign, () => ({ state: "foreign" }), losses).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(FaultError);
  expect(failure).toMatchObject({
    fault: { kind: "invalid_request", param: "model", message: expect.stringContaining("gemini") as string },
  });
});
