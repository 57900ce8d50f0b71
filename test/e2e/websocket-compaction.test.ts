// Compaction over WebSocket: by a trigger and by a threshold, in chains that only the connection remembers; what stood before it is not
// told again.
import { expect, test } from "vitest";
import { asList, type JsonObject } from "../../src/kit/json.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, jsonOf, lastResponse, outputText, typesOf } from "./client.ts";
import { compactionOf, DEMAND, GOOD, promptOf, say, session, user } from "./compaction-words.ts";
import { connect, create } from "./socket-client.ts";

const TRIGGER = { type: "compaction_trigger" };
const above = { context_management: [{ type: "compaction", compact_threshold: 3000 }] };
const idOf = (events: readonly JsonObject[]): string => String(lastResponse(events)["id"]);
const lastPrompt = (stage: Stage): string => promptOf(stage.upstream.exchanges.at(-1));

test.each([
  ["that nobody keeps", {}, { store: false }],
  ["that is stored", { state: { store: true } }, { store: true }],
])("a trigger at the end of a chain %s: one compaction, from which the chain goes on", async (_, more, kept) => {
  const stage = await startStage({}, more);
  stage.upstream.play(say("First answer."), say(GOOD), say("Third answer."), say("Fourth answer."));
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: session(), ...kept });
  const second = await socket.turn({ previous_response_id: idOf(first), input: [TRIGGER], ...kept });
  expect(typesOf(second)).toEqual(["created", "in_progress", "output_item.added", "output_item.done", "completed"]);
  compactionOf(lastResponse(second)["output"]);
  expect(lastPrompt(stage)).toContain("First answer.");
  const third = await socket.turn({ previous_response_id: idOf(second), input: "Go on.", ...kept });
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Go on\.$/);
  expect(lastPrompt(stage)).not.toMatch(/First answer\.|line of output/);
  // Each chain has its own: one that continues what came before the compaction has all of it.
  await socket.turn({ previous_response_id: idOf(third), input: "And on.", ...kept });
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Third answer\.[^]*And on\.$/);
  stage.upstream.play(say("A fork."));
  await socket.turn({ previous_response_id: idOf(first), input: "Elsewhere.", ...kept });
  expect(lastPrompt(stage)).toContain("line of output");
});

test("a threshold that is passed in a chain that nobody keeps: the answer, then the compaction, and the chain goes on from there", async () => {
  const stage = await startStage();
  stage.upstream.play(say("First answer."), say(GOOD), say("The answer."), say("Another."));
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: session() });
  const second = await socket.turn({ previous_response_id: idOf(first), input: "Which port?", ...above });
  expect(asList(lastResponse(second)["output"])).toMatchObject([{ type: "message" }, { type: "compaction" }]);
  expect(outputText(lastResponse(second))).toBe("The answer.");
  const third = await socket.turn({ previous_response_id: idOf(second), input: "And now?", ...above });
  expect(asList(lastResponse(third)["output"])).toMatchObject([{ type: "message" }]);
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Which port\?[^]*The answer\.[^]*And now\?$/);
  expect(lastPrompt(stage)).not.toMatch(/line of output|First answer\./);
});

test("the output of the compact route is the head of a new chain on the same connection", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("Going on."), say("And on."));
  const compacted = jsonOf(await ask(stage.url, { model: "m", input: session() }, { path: "/v1/responses/compact" }));
  const socket = await connect(stage.url);
  const first = await socket.turn({ input: [...asList(compacted["output"]), user("Go on.")] });
  expect(lastResponse(first)["previous_response_id"]).toBeNull();
  await socket.turn({ previous_response_id: idOf(first), input: "And then?" });
  expect(lastPrompt(stage)).toMatch(/MARK-OF-THE-MODEL[^]*Go on\.[^]*Going on\.[^]*And then\?$/);
  expect(lastPrompt(stage)).toContain(DEMAND);
  // What the route answered with is no response that could be continued.
  socket.send(create({ previous_response_id: String(compacted["id"]), input: "No." }));
  expect(await socket.error()).toMatchObject({ status: 400, error: { code: "previous_response_not_found" } });
});

test("a compaction with a flipped byte is the contract's error, and the socket goes on", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say("Still here."));
  const socket = await connect(stage.url);
  const { encrypted_content: blob } = compactionOf(lastResponse(await socket.turn({ input: [...session(), TRIGGER] }))["output"]);
  const flipped = `${blob.slice(0, 40)}${blob[40] === "A" ? "B" : "A"}${blob.slice(41)}`;
  socket.send(create({ input: [{ type: "compaction", encrypted_content: flipped }, user("Go on.")] }));
  expect(await socket.error()).toEqual({
    type: "error",
    status: 400,
    error: {
      type: "invalid_request_error",
      code: "invalid_encrypted_content",
      param: null,
      message: `The encrypted content ${flipped.slice(0, 4)}...${flipped.slice(-4)} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    },
  });
  expect(outputText(lastResponse(await socket.turn()))).toBe("Still here.");
});
