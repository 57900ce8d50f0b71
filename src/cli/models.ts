// `waystation models`: what the running gateway offers, asked of it as a client would. Promises an end within seconds.
import type { Config } from "../config/config.ts";
import { asList, asNumber, asObject, asString, parseJson } from "../kit/json.ts";
import type { JsonObject } from "../kit/json.ts";
import { keyHeaders, originOf } from "./reach-gateway.ts";
import type { Terminal } from "./terminal.ts";

const ANSWER_MS = 10_000;

/** Prints the models; exit code 3 where no gateway answers. */
export async function printModels(config: Config, json: boolean, terminal: Terminal): Promise<number> {
  const url = `${originOf(config)}/v1/models`;
  const headers = keyHeaders(config.server.keys[0]);
  let text: string;
  try {
    const reply = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
    text = await reply.text();
    if (!reply.ok) return failed(terminal, `${url} answers ${reply.status}; is that another program? Name its port with --port`);
  } catch {
    return failed(terminal, `no gateway answers at ${url}; start it with \`npm start\`, or name its port with --port`);
  }
  const body = asObject(parseJson(text));
  if (body === undefined) return failed(terminal, `${url} answers no JSON; is that another program? Name its port with --port`);
  terminal.out(json ? `${text.trimEnd()}\n` : table(body));
  return 0;
}

function failed(terminal: Terminal, message: string): number {
  terminal.error(`waystation: ${message}\n`);
  return 3;
}

/** One line for each entry of `data`: name, owner, and the context window that `models` tells of it. */
function table(body: JsonObject): string {
  const details = new Map(asList(body["models"]).map((entry) => [asString(asObject(entry)?.["slug"]), asObject(entry)]));
  const rows = asList(body["data"]).flatMap((entry) => {
    const id = asString(asObject(entry)?.["id"]);
    if (id === undefined) return [];
    const context = asNumber(details.get(id)?.["context_window"]);
    return [[id, asString(asObject(entry)?.["owned_by"]) ?? "", context === undefined ? "" : `${context} tokens`] as const];
  });
  if (rows.length === 0) return "no models: start a local model server, set a vendor's key, or add an entry to config.yaml\n";
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows.map((row) => `${row[0].padEnd(width(0))}  ${row[1].padEnd(width(1))}  ${row[2]}`.trimEnd()).join("\n") + "\n";
}
