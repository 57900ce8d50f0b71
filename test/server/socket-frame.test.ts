import { expect, test } from "vitest";
import { frameHeaders, readFrame } from "../../src/server/socket-frame.ts";

const read = (text: string): ReturnType<typeof readFrame> => readFrame(Buffer.from(text), false);

test("a request is told apart from what concerns the connection, and always streams", () => {
  const frame = read('{"type":"response.create","stream_id":"a","generate":false,"stream":false,"background":false,"model":"m"}');
  expect(frame).toEqual({
    kind: "create",
    streamId: "a",
    generate: false,
    body: { type: "response.create", model: "m", stream: true },
  });
  expect(read('{"type":"response.create","stream_id":null,"generate":null}')).toMatchObject({ streamId: null, generate: true });
});

test("a fault keeps the lane where that is known", () => {
  expect(read('{"type":"response.create","stream_id":"a","background":true}')).toMatchObject({ kind: "bad", streamId: "a" });
  expect(read('{"type":"response.create","stream_id":"a","generate":1}')).toMatchObject({ kind: "bad", streamId: "a" });
});

test("only what clients say in place of headers becomes one", () => {
  const said = {
    "x-codex-turn-metadata": "{}",
    "x-openai-subagent": "review",
    ws_request_header_x_openai_internal_codex_responses_lite: "true",
    session_id: "s",
    thread_id: "t",
    authorization: "Bearer stolen",
    ws_request_header_authorization: "Bearer stolen",
    ws_request_header_host: "evil",
    "x-api-key": "stolen",
    "x-codex-number": 7,
    "x-codex-long": "x".repeat(20_000),
    turn_id: "no header",
  };
  expect(frameHeaders({ host: "here", "session-id": "before" }, { client_metadata: said })).toEqual({
    host: "here",
    "x-codex-turn-metadata": "{}",
    "x-openai-subagent": "review",
    "x-openai-internal-codex-responses-lite": "true",
    "session-id": "s",
    "thread-id": "t",
  });
  const headers = { host: "here" };
  expect(frameHeaders(headers, {})).toBe(headers);
});
