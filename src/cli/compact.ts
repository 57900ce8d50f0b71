// `waystation compact FILE|RESPONSE_ID`: a conversation compacted from the command line, with its size before and after. Promises the
// same way as a client's request has: through the running gateway, or one that runs for this alone, into the same log.
import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { openCompaction } from "../gateway/compaction/sealed.ts";
import { openKeyRing } from "../gateway/key-ring.ts";
import { writeHandOver } from "../hub/compaction/write-hand-over.ts";
import { asList, asNumber, asObject, asString, isObject, parseJson } from "../kit/json.ts";
import type { JsonObject } from "../kit/json.ts";
import { openGateway } from "../serve.ts";
import { UsageError } from "./command-line.ts";
import { printable, printableJson, printableLine } from "./printable.ts";
import { keyHeaders, originOf } from "./reach-gateway.ts";
import { readOptions } from "./read-options.ts";
import type { Terminal } from "./terminal.ts";

const OPTIONS = { model: { value: "NAME" }, json: {}, help: { short: "h" } } as const;

const HELP = `waystation compact FILE|RESPONSE_ID: sum a conversation up

FILE is the JSON of a request of the Responses API, or of its list of items; RESPONSE_ID is a stored response's, with all that
led to it. The running gateway does it, or else one that runs for this alone.

  --model NAME      the model that sums up, where the request names none, or another one is wanted
  --json            sizes, and the compacted window, which goes into the next request as its input
`;

const HEALTH_MS = 2000;
const SPARE_MS = 60_000;

/** A sentence for the user, and the exit code. */
class Refused extends Error {}

/** Compacts; exit code 1 where the gateway refuses. Throws UsageError. */
export async function compact(args: readonly string[], load: () => Promise<Config>, terminal: Terminal): Promise<number> {
  const { options, words } = readOptions("compact", args, OPTIONS);
  if (options.has("help")) {
    terminal.out(HELP);
    return 0;
  }
  const [source, more] = words;
  if (source === undefined) throw new UsageError("compact needs a file with a request, or the id of a stored response");
  if (more !== undefined) throw new UsageError(`"${more}" is one word too many for compact; remove it`);
  const config = await load();
  try {
    const conversation = await readSource(source);
    return await withGateway(config, terminal, async (origin) => {
      const done = await run(new Client(origin, config), conversation, options.get("model"));
      if (options.has("json")) terminal.out(`${printableJson(done)}\n`);
      else terminal.out(await describe(done, config));
      return 0;
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    terminal.error(`waystation: ${printableLine(error.message)}\n`);
    return 1;
  }
}

/** What is compacted: fields of a request. */
async function readSource(source: string): Promise<JsonObject> {
  const text = await readFile(source, "utf8").catch(() => undefined);
  if (text === undefined) {
    if (/^resp_[\w-]+$/.test(source)) return { previous_response_id: source, input: [] };
    throw new UsageError(`there is no file ${source}; an id of a stored response begins with resp_`);
  }
  const value = parseJson(text);
  if (Array.isArray(value)) return { input: value };
  if (isObject(value) && value["input"] !== undefined) return value;
  throw new UsageError(`${source} is neither the JSON of a request with an input nor that of a list of items`);
}

/** Runs work with the gateway that answers, or with one of its own. */
async function withGateway<T>(config: Config, terminal: Terminal, work: (origin: string) => Promise<T>): Promise<T> {
  const origin = originOf(config);
  const health = await fetch(`${origin}/health`, { signal: AbortSignal.timeout(HEALTH_MS) }).catch(() => undefined);
  if (health?.ok === true) return work(origin);
  const own = await openGateway({ ...config, server: { ...config.server, host: "127.0.0.1", port: 0 } }, terminal).catch(
    (error: unknown) => {
      throw new Refused(error instanceof Error ? error.message : String(error));
    },
  );
  try {
    return await work(own.origin);
  } finally {
    await own.close();
  }
}

/** What came of it, as `--json` prints it. */
interface Done {
  model: string;
  /** Tokens, estimated. */
  before: number;
  after: number;
  /** What the gateway says of its way. */
  losses: string;
  compaction: JsonObject;
}

async function run(client: Client, conversation: JsonObject, wanted: string | undefined): Promise<Done> {
  const previous = asString(conversation["previous_response_id"]);
  const found = previous === undefined ? undefined : await client.find(previous);
  const model = wanted ?? asString(conversation["model"]) ?? asString(found?.["model"]);
  if (model === undefined) throw new UsageError("the request names no model; name one with --model NAME");
  const fields = ["input", "previous_response_id", "instructions", "tools"].filter((name) => conversation[name] !== undefined);
  const request: JsonObject = { model, ...Object.fromEntries(fields.map((name) => [name, conversation[name]])) };
  const before = await client.count(request);
  const { json, losses } = await client.post("/v1/responses/compact", request);
  const after = await client.count({ ...request, previous_response_id: null, input: asList(json["output"]) });
  return { model, before, after, losses, compaction: json };
}

/** The gateway's API, with a key for which a response is there. */
class Client {
  readonly #origin: string;
  readonly #timeoutMs: number;
  readonly #keys: readonly (string | undefined)[];
  #key: string | undefined;

  constructor(origin: string, { server, compaction }: Config) {
    this.#origin = origin;
    this.#timeoutMs = compaction.deadline_s * 1000 + SPARE_MS;
    this.#keys = server.keys.length === 0 ? [undefined] : server.keys;
    [this.#key] = this.#keys;
  }

  /** A stored response, whichever client's it is. */
  async find(id: string): Promise<JsonObject> {
    let message = "";
    for (const key of this.#keys) {
      this.#key = key;
      const reply = await this.#ask(`/v1/responses/${id}`, { headers: keyHeaders(key) });
      if (reply.ok) return reply.json;
      message = reply.message;
    }
    throw new Refused(message);
  }

  async count(request: JsonObject): Promise<number> {
    return asNumber((await this.post("/v1/responses/input_tokens", request)).json["input_tokens"]) ?? 0;
  }

  async post(path: string, request: JsonObject): Promise<{ json: JsonObject; losses: string }> {
    const headers = { "content-type": "application/json", ...keyHeaders(this.#key) };
    const reply = await this.#ask(path, { method: "POST", headers, body: JSON.stringify(request) });
    if (!reply.ok) throw new Refused(reply.message);
    return reply;
  }

  async #ask(path: string, init: RequestInit): Promise<{ ok: boolean; json: JsonObject; losses: string; message: string }> {
    const reply = await fetch(this.#origin + path, { ...init, signal: AbortSignal.timeout(this.#timeoutMs) }).catch((error: unknown) => {
      throw new Refused(`the gateway at ${this.#origin} did not answer: ${error instanceof Error ? error.message : String(error)}`);
    });
    const json = asObject(parseJson(await reply.text())) ?? {};
    const message = asString(asObject(json["error"])?.["message"]) ?? `the gateway answered ${reply.status}`;
    return { ok: reply.ok, json, losses: reply.headers.get("x-waystation-loss") ?? "", message };
  }
}

async function describe({ model, before, after, losses, compaction }: Done, config: Config): Promise<string> {
  const output = asList(compaction["output"]).map((item) => asObject(item) ?? {});
  const saved = before === 0 ? 0 : Math.round(100 * (1 - after / before));
  const change = saved < 0 ? `${-saved} % more` : `${saved} % less`;
  const lines = [
    `before  about ${before} tokens`,
    `after   about ${after} tokens (${change}): ${output.length - 1} user message${output.length === 2 ? "" : "s"} and one compaction`,
    losses.includes("compaction.extract")
      ? "by      an extract, wholly or in part, for no model gave a whole hand-over (the log tells why)"
      : `by      ${printableLine(model)}`,
  ];
  const blob = asString(output.at(-1)?.["encrypted_content"]) ?? "";
  return `${lines.join("\n")}\n\n${printable(await handOverOf(blob, config))}`;
}

/** What the compaction says, as a model will read it; nothing where the gateway has other keys than this configuration. */
async function handOverOf(blob: string, config: Config): Promise<string> {
  try {
    const { unseal } = await openKeyRing(config.data_dir);
    return writeHandOver(openCompaction({ type: "compaction", encrypted_content: blob }, unseal).handOver);
  } catch {
    return "";
  }
}
