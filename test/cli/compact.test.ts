// `waystation compact`: a file or a stored response in, its size before and after out, through whichever gateway there is.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../src/cli/main.ts";
import { asList, asObject, type JsonObject } from "../../src/kit/json.ts";
import { ask, body, jsonOf } from "../e2e/client.ts";
import { compactionOf, GOOD, json, say, session } from "../e2e/compaction-words.ts";
import { startStage, type Stage } from "../support/gateway.ts";

/** Runs a command on the configuration of a running gateway, or on one of its own. */
async function command(argv: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = "";
  let error = "";
  const terminal = {
    out: (chunk: string | Uint8Array) => void (out += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()),
    error: (chunk: string) => void (error += chunk),
    environment: {},
  };
  return { code: await run(argv, terminal), out, error };
}

/** A configuration file beside the gateway's data, and a file with this content. */
async function files(stage: Stage, content: string, more: JsonObject = {}): Promise<{ config: string; file: string }> {
  const config = join(stage.dataDir, "cli.yaml");
  const file = join(stage.dataDir, "conversation.json");
  const entries = {
    server: { port: stage.port },
    data_dir: stage.dataDir,
    discover: false,
    providers: { box: { dialect: "chat", base_url: stage.upstream.url } },
    models: { m: { provider: "box" } },
    limits: { retries: 0 },
  };
  await writeFile(config, JSON.stringify({ ...entries, ...more }));
  await writeFile(file, content);
  return { config, file };
}

const sizes = (out: string): number[] => [...out.matchAll(/about (\d+) tokens/g)].map(([, digits]) => Number(digits));

test("a file with items is compacted by the running gateway", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD));
  const { config, file } = await files(stage, JSON.stringify(session()));
  const { code, out, error } = await command(["compact", file, "--model", "m", "--config", config]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const [before = 0, after = 0] = sizes(out);
  expect(before).toBeGreaterThan(3000);
  expect(after).toBeLessThan(before / 5);
  expect(out).toContain("1 user message and one compaction");
  expect(out).toContain("MARK-OF-THE-MODEL");
  expect(stage.log.turns).toHaveLength(1);
});

test("without a running gateway one runs for it alone; --json gives what goes into the next request", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD));
  const { config, file } = await files(stage, JSON.stringify({ model: "m", input: session() }), {
    server: { port: 1 },
    data_dir: join(stage.dataDir, "other"),
  });
  const { code, out, error } = await command(["compact", file, "--json", "--config", config]);
  expect({ code, error }).toEqual({ code: 0, error: "" });
  const done = json(out);
  expect(done).toMatchObject({ model: "m", losses: "", compaction: { object: "response.compaction" } });
  compactionOf(asObject(done["compaction"])?.["output"]);
  expect(Number(done["after"])).toBeLessThan(Number(done["before"]) / 5);
});

test("a stored response is compacted with all that led to it", async () => {
  const stage = await startStage({}, { state: { store: true } });
  stage.upstream.play(say("The answer."), say("I can't do that."), say(""));
  const first = jsonOf(await ask(stage.url, body({ input: session() })));
  const { config } = await files(stage, "");
  const { code, out } = await command(["compact", String(first["id"]), "--config", config]);
  expect(code).toBe(0);
  expect(sizes(out)).toHaveLength(2);
  expect(out).toContain("an extract");
  expect(asList(stage.upstream.exchanges[1]?.request.json["messages"])).toHaveLength(2);
});

test("what cannot be compacted is said in a sentence", async () => {
  const stage = await startStage({}, { state: { store: true } });
  const { config, file } = await files(stage, '{"messages": []}');
  const of = async (...argv: string[]) => {
    const { code, error } = await command(["compact", ...argv, "--config", config]);
    return { code, error };
  };
  expect(await of()).toMatchObject({ code: 2, error: expect.stringContaining("needs a file") as string });
  expect(await of(file)).toMatchObject({ code: 2, error: expect.stringContaining("neither the JSON of a request") as string });
  expect(await of("/nowhere.json")).toMatchObject({ code: 2, error: expect.stringContaining("there is no file /nowhere.json") as string });
  expect(await of("resp_unknown")).toMatchObject({ code: 1, error: expect.stringContaining("not found") as string });
  const items = await files(stage, JSON.stringify(session()));
  expect(await of(items.file)).toMatchObject({ code: 2, error: expect.stringContaining("--model NAME") as string });
  expect(await of(items.file, "--model", "x")).toMatchObject({ code: 1, error: expect.stringContaining("does not exist") as string });
});

test("the log has the conversation as it was before, for whoever wants it back", async () => {
  const stage = await startStage({}, {}, {}, { disk: true });
  stage.upstream.play(say(GOOD));
  const input = [...session(), { type: "compaction_trigger" }];
  const compacted = jsonOf(await ask(stage.url, body({ input })));
  await stage.log.ended(0);
  await stage.log.flush();
  const { config } = await files(stage, "");
  const shown = await command(["show", String(compacted["id"]), "--config", config]);
  expect(shown.out).toContain("npm test -- round-1");
  expect(shown.out).toContain("Round 1 is done.");
  const request = await command(["show", "last", "--record", "client-request", "--config", config]);
  expect(json(request.out)["input"]).toEqual(input);
  const asked = await command(["show", "last", "--record", "upstream-request", "--config", config]);
  expect(asked.out).toContain("<record>");
});

test("what a compaction makes longer is called so", async () => {
  const stage = await startStage();
  stage.upstream.play(say(GOOD));
  const { config, file } = await files(
    stage,
    JSON.stringify([
      { role: "user", content: "Hi." },
      { role: "assistant", content: "Hi." },
    ]),
  );
  const { out } = await command(["compact", file, "--model", "m", "--config", config]);
  expect(out).toMatch(/tokens \(\d+ % more\)/);
});
