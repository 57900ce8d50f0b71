// Every request that the real Codex was seen to send, through the whole gateway to a chat server: the golden file tells what the
// server got, by roles, calls and names of tools, and what was lost; never a text of a capture.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { asList, asObject, asString, isObject, parseJson, type Json, type JsonObject } from "../../src/kit/json.ts";
import { ask, errorOf } from "../e2e/client.ts";
import { stream, whole } from "../support/chat-frames.ts";
import { corpus } from "../support/corpus.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { afterThis, startGateway } from "../support/gateway.ts";

interface Capture {
  name: string;
  headers: Record<string, string>;
  body: JsonObject;
}

const folder = corpus === undefined ? undefined : join(corpus, "captures/codex");

const captures: Capture[] = (folder === undefined ? [] : readdirSync(folder))
  .filter((file) => /\.POST_.*responses\.json$/.test(file))
  .toSorted()
  .map((file) => {
    const capture = asObject(parseJson(readFileSync(join(folder ?? "", file), "utf8")));
    return { name: file.replace(/\.POST.*/, ""), headers: headersOf(capture?.["headers"]), body: asObject(capture?.["body"]) ?? {} };
  });

/** The headers that do not depend on the connection or on the form of the body. */
function headersOf(headers: Json | undefined): Record<string, string> {
  const own = Object.entries(asObject(headers) ?? {}).map(([name, value]) => [name.toLowerCase(), asString(value)] as const);
  const kept = own.filter(
    ([name, value]) => value !== undefined && !/^(?:host|connection|content-.*|transfer-encoding|expect)$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}

/** Whether a capture holds a compaction, which another service made. */
const holdsCompaction = ({ body }: Capture): boolean => asList(body["input"]).some((item) => asObject(item)?.["type"] === "compaction");

/** Words in order, those that repeat in a row with their count: `a, b x3`. */
function inOrder(words: readonly string[]): string {
  const runs: { word: string; count: number }[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.count += 1;
    else runs.push({ word, count: 1 });
  }
  return runs.map(({ word, count }) => (count === 1 ? word : `${word} x${count}`)).join(", ");
}

const callsOf = (message: JsonObject): JsonObject[] => asList(message["tool_calls"]).filter(isObject);
const messagesOf = (body: JsonObject): JsonObject[] => asList(body["messages"]).filter(isObject);
const nameOf = (holder: JsonObject | undefined): string => asString(asObject(holder?.["function"])?.["name"]) ?? "";

function role(message: JsonObject): string {
  const calls = callsOf(message).length;
  return `${asString(message["role"]) ?? ""}${calls === 0 ? "" : `(calls: ${calls})`}`;
}

/** What any chat server refuses must not be in a body, and what a strict template refuses not in one for such a server. */
function expectSound(body: JsonObject, systemMessages: "first" | "anywhere"): void {
  const messages = messagesOf(body);
  const names = new Set(asList(body["tools"]).map((tool) => nameOf(asObject(tool))));
  for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  expect(names.size).toBe(asList(body["tools"]).length);
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (message["role"] === "tool") {
      expect(open).toContain(message["tool_call_id"]);
      open = open.filter((id) => id !== message["tool_call_id"]);
      continue;
    }
    expect(open, "every call has its result").toEqual([]);
    if (systemMessages === "first" && message["role"] === "system") expect(index).toBe(0);
    if (systemMessages === "first" && index > 0) expect([message["role"], messages[index - 1]?.["role"]]).not.toEqual(["user", "user"]);
    open = callsOf(message).map((call) => asString(call["id"]) ?? "");
    expect(new Set(open).size).toBe(open.length);
    for (const call of callsOf(message)) expect(parseJson(asString(asObject(call["function"])?.["arguments"]) ?? "")).toBeDefined();
  }
  expect(open).toEqual([]);
}

/** What the server got, in lines for the golden file. */
function lines(body: JsonObject, losses: string): string[] {
  const tools = asList(body["tools"]).map((tool) => nameOf(asObject(tool)));
  const fields = Object.keys(body).filter((key) => !["messages", "tools", "model"].includes(key));
  return [
    `messages: ${inOrder(messagesOf(body).map(role))}`,
    `tools: ${tools.join(", ")}`,
    `fields: ${fields.join(", ")}`,
    `losses: ${losses}`,
  ];
}

/** Adds lines; of the second model only those that differ from the first's. */
function tell(golden: string[], seen: Set<string>, model: string, told: readonly string[]): void {
  for (const line of told) {
    if (seen.has(line)) continue;
    seen.add(line);
    golden.push(`  ${model === "first" ? "" : `${model}: `}${line}`.trimEnd());
  }
}

describe.skipIf(folder === undefined)("captures of Codex", () => {
  test("are translated for a chat server as the golden file tells", { timeout: 60_000 }, async () => {
    expect(captures.length).toBeGreaterThan(50);
    const upstream = await startFaultUpstream();
    afterThis(() => upstream.close());
    upstream.always((exchange) => {
      if (exchange.request.json["stream"] !== true) return exchange.answer(200, whole("ok"));
      exchange.send(stream("ok"));
      exchange.end();
    });
    const { url, log } = await startGateway({
      providers: { box: { dialect: "chat", base_url: upstream.url, capabilities: { context_window: 131_072 } } },
      models: { first: { provider: "box" }, anywhere: { provider: "box", capabilities: { system_messages: "anywhere" } } },
      limits: { retries: 0 },
    });
    const golden: string[] = [];
    for (const capture of captures) {
      golden.push(capture.name);
      const seen = new Set<string>();
      for (const model of ["first", "anywhere"] as const) {
        const before = upstream.exchanges.length;
        const reply = await ask(url, { ...capture.body, model }, { headers: capture.headers });
        const { losses } = (await log.ended(log.turns.length - 1)).end;
        if (holdsCompaction(capture)) {
          const { status, code, param } = errorOf(reply);
          expect(upstream.exchanges).toHaveLength(before);
          tell(golden, seen, model, [`refused: ${status} ${String(code)} ${String(param)}`]);
          continue;
        }
        expect(reply.status, `${capture.name}: ${reply.text}`).toBe(200);
        const sent = upstream.exchanges[before]?.request.json ?? {};
        expectSound(sent, model);
        const told = losses.map((loss) => `${loss.kind} ${loss.feature}`).join(", ");
        tell(golden, seen, model, lines(sent, told));
      }
      golden.push("");
    }
    await expect(golden.join("\n")).toMatchFileSnapshot("./captures.txt");
  });
});
