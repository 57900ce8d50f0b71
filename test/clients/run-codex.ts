// The real Codex CLI, run headless against a gateway with a home and a working folder of its own. Promises that it sees
// nothing of the user's: no configuration, no login, no key but the one for the gateway.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asObject, asString, isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { codexScript } from "./install-clients.ts";
import { startProcess, type Finished, type Running } from "./run-process.ts";

/** Where a Codex lives: runs that share it can resume each other's threads. */
export interface CodexPlace {
  home: string;
  work: string;
  remove(): Promise<void>;
}

export interface CodexOptions {
  gateway: string;
  model: string;
  prompt: string;
  /** TOML lines put before the provider's table. */
  settings?: string;
  /** TOML tables put after it. */
  tables?: string;
  /** More arguments of `codex exec`. */
  args?: readonly string[];
  /** The id of a thread to go on with. */
  resume?: string;
  /** Where its catalogue comes from; default the gateway's `/v1/models`, null = the one that Codex brings along. */
  catalogUrl?: string | null;
  /** Use Codex's built-in provider, only pointed elsewhere, instead of one of our own. */
  builtIn?: boolean;
  /** What the provider calls itself: Codex lets "OpenAI" and "Azure" compact. Default "Waystation". */
  providerName?: string;
  timeoutMs?: number;
}

export interface CodexRun extends Finished {
  /** The lines of `--json`. */
  events: JsonObject[];
  thread: string;
  /** The completed items of a type, such as `agent_message` or `command_execution`. */
  items(type: string): JsonObject[];
  /** The texts of its `agent_message` items. */
  said: string[];
  /** The messages of `error` and `turn.failed` events, in order. */
  errors: string[];
}

/** A fresh home and working folder. */
export async function makeCodexPlace(): Promise<CodexPlace> {
  const folder = await mkdtemp(join(tmpdir(), "waystation-codex-"));
  const place = { home: join(folder, "home"), work: join(folder, "work") };
  await mkdir(place.home);
  await mkdir(place.work);
  return { ...place, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs `codex exec --json` to its end. */
export async function runCodex(place: CodexPlace, options: CodexOptions): Promise<CodexRun> {
  const running = await startCodex(place, { ...options, args: ["--json", ...(options.args ?? [])] });
  return readRun(await running.finished);
}

/** Starts `codex exec`. Its commands run without a sandbox, since a container has none to give. */
export async function startCodex(place: CodexPlace, options: CodexOptions, onProgress?: (text: string) => void): Promise<Running> {
  await writeFile(join(place.home, "config.toml"), codexConfig(options));
  const fixed = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "-C", place.work];
  const resume = options.resume === undefined ? [] : ["resume", options.resume];
  // `--` ends the list of `-i FILE...`.
  const args = [codexScript(), ...fixed, ...(options.args ?? []), ...resume, "--", options.prompt];
  return startProcess(process.execPath, args, {
    cwd: place.work,
    env: { PATH: process.env["PATH"], HOME: place.home, CODEX_HOME: place.home, WAYSTATION_KEY: "unused", OPENAI_API_KEY: "unused" },
    timeoutMs: options.timeoutMs ?? 40_000,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

function codexConfig(options: CodexOptions): string {
  const head = `model = ${JSON.stringify(options.model)}\n${options.settings ?? ""}\n`;
  const tail = `${options.tables ?? ""}\n`;
  if (options.builtIn === true) return `${head}openai_base_url = "${options.gateway}/v1"\n${tail}`;
  const catalogUrl = options.catalogUrl === undefined ? `${options.gateway}/v1/models` : options.catalogUrl;
  return `${head}model_provider = "waystation"
[model_providers.waystation]
name = ${JSON.stringify(options.providerName ?? "Waystation")}
base_url = "${options.gateway}/v1"
env_key = "WAYSTATION_KEY"
${catalogUrl === null ? "" : `model_catalog_url = "${catalogUrl}"`}
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 3000
${tail}`;
}

function readRun(result: Finished): CodexRun {
  const events = result.stdout.split("\n").map(parseJson).filter(isObject);
  const items = (type: string): JsonObject[] =>
    events
      .filter((event) => event["type"] === "item.completed")
      .map((event) => asObject(event["item"]) ?? {})
      .filter((item) => item["type"] === type);
  const started = events.find((event) => event["type"] === "thread.started");
  return {
    ...result,
    events,
    items,
    thread: asString(started?.["thread_id"]) ?? "",
    said: items("agent_message").map((item) => asString(item["text"]) ?? ""),
    errors: events
      .map((event) => asString(event["message"]) ?? asString(asObject(event["error"])?.["message"]))
      .filter((text) => text !== undefined),
  };
}
