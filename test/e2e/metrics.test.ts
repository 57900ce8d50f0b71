// GET /metrics: what was compacted, shortened and lost, how many WebSockets are open and responses kept; with labels that no client can
// make more of than there is room for.
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import { whole } from "../support/chat-frames.ts";
import { startStage, type Stage } from "../support/gateway.ts";
import { ask, body, jsonOf } from "./client.ts";
import { GOOD, say, session, user } from "./compaction-words.ts";
import { connect } from "./socket-client.ts";

/** The lines of the metrics of this name. */
async function metrics(stage: Stage, name: string): Promise<string[]> {
  const text = await (await fetch(`${stage.url}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(name));
}

const TRIGGER = { type: "compaction_trigger" };

test("compactions are counted by who asked, and by what they came to", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD), say(GOOD), say(""), say(""), say(GOOD), say("Yes."));
  await ask(stage.url, { model: "m", input: session() }, { path: "/v1/responses/compact" });
  const first = jsonOf(await ask(stage.url, body({ input: [...session(), TRIGGER] })));
  await ask(stage.url, body({ input: [...session(), TRIGGER] }));
  const output = Array.isArray(first["output"]) ? first["output"] : [];
  await ask(stage.url, body({ input: [user("Work."), ...output, TRIGGER] }));
  await ask(stage.url, body({ input: session(), context_management: [{ type: "compaction", compact_threshold: 3000 }] }));
  expect(await metrics(stage, "waystation_compactions_total")).toEqual([
    'waystation_compactions_total{door="route",outcome="model"} 1',
    'waystation_compactions_total{door="trigger",outcome="model"} 1',
    'waystation_compactions_total{door="trigger",outcome="extract"} 1',
    'waystation_compactions_total{door="trigger",outcome="standing"} 1',
    'waystation_compactions_total{door="threshold",outcome="model"} 1',
  ]);
});

test("a compaction that its client did not wait for is not counted", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.begin());
  const socket = await connect(stage.url);
  socket.send({ type: "response.create", model: "m", input: [...session(), TRIGGER] });
  const asked = await stage.upstream.request(0);
  socket.socket.terminate();
  await asked.closed;
  await stage.gateway.idle();
  expect(await metrics(stage, "waystation_compactions_total")).toEqual([]);
});

test("what was cut from a conversation, and every other loss, is counted once a turn, also over WebSocket", async () => {
  const rule: JsonObject = { age_tool_results: { keep_last: 0, over_bytes: 600 } };
  const stage = await startStage({}, { models: { m: { provider: "box", context_window: 4000, ...rule } } });
  stage.upstream.always(say("Yes."));
  const chat = Array.from({ length: 10 }, (_, index) => [user(`question ${index} ${"word ".repeat(400)}`), user("and?")]).flat();
  await ask(stage.url, body({ input: chat, truncation: "auto", max_output_tokens: 1000 }));
  const socket = await connect(stage.url);
  await socket.turn({ input: session(), tools: [{ type: "web_search" }, { type: "image_generation" }] });
  expect(await metrics(stage, "waystation_shortened_turns_total")).toEqual([
    'waystation_shortened_turns_total{way="truncation"} 1',
    'waystation_shortened_turns_total{way="aged"} 1',
  ]);
  const losses = await metrics(stage, "waystation_losses_total");
  expect(losses).toContain('waystation_losses_total{kind="dropped",feature="truncation"} 1');
  expect(losses).toContain('waystation_losses_total{kind="dropped",feature="tool"} 1');
});

test("names that clients make up fill no memory", async () => {
  const stage = await startStage();
  stage.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  for (let number = 0; number < 80; number++) await ask(stage.url, body({ [`made_up_${number}`]: 1, [`"} evil ${number}`]: 1 }));
  const losses = await metrics(stage, "waystation_losses_total");
  expect(losses.length).toBeLessThanOrEqual(65);
  expect(losses.join("\n")).toMatch(/kind="dropped",feature="other"} \d\d/);
  for (const line of losses) expect(line).toMatch(/^waystation_losses_total\{kind="dropped",feature="[a-z0-9_]+"\} \d+$/);
});

test("open WebSockets and kept responses are told as they are now", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.always((exchange) => exchange.answer(200, whole("ok")));
  const both = async (): Promise<string[]> => [
    ...(await metrics(stage, "waystation_sockets_open")),
    ...(await metrics(stage, "waystation_state_responses")),
  ];
  const sockets = [await connect(stage.url), await connect(stage.url)];
  const first = jsonOf(await ask(stage.url, body()));
  await ask(stage.url, body());
  await ask(stage.url, body({ store: false }));
  expect(await both()).toEqual(["waystation_sockets_open 2", "waystation_state_responses 2"]);
  sockets[0]?.socket.close();
  await fetch(`${stage.url}/v1/responses/${String(first["id"])}`, { method: "DELETE" });
  await expect.poll(both).toEqual(["waystation_sockets_open 1", "waystation_state_responses 1"]);
});
