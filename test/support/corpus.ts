// Where the corpus of recorded traffic is, if it is here at all. Promises undefined, never a throw, where it is missing, so
// that the tests that need it can skip themselves visibly.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The folder of the corpus (`WAYSTATION_CORPUS`, else `../shared` beside the project); undefined where there is none. */
export const corpus: string | undefined = [resolve(ROOT, process.env["WAYSTATION_CORPUS"] ?? "../shared")].find((path) =>
  existsSync(join(path, "recordings")),
);

/** One recorded exchange: its file name without ending, and what the file holds. */
export interface Recording {
  id: string;
  vendor: string;
  whole: JsonObject;
}

/** Recordings of an API (`chat`, `resp`, `msgs`, `sgen`, ...), of the given vendors or of all; empty where there is no corpus. */
export function recordings(api: string, vendors?: readonly string[]): Recording[] {
  if (corpus === undefined) return [];
  const found: Recording[] = [];
  const folder = join(corpus, "recordings");
  for (const vendor of vendors ?? readdirSync(folder)) {
    const files = existsSync(join(folder, vendor)) && !vendor.includes(".") ? readdirSync(join(folder, vendor)) : [];
    for (const file of files.filter((name) => name.startsWith(`${vendor}.${api}.`) && name.endsWith(".json"))) {
      const whole = parseJson(readFileSync(join(folder, vendor, file), "utf8"));
      if (isObject(whole)) found.push({ id: file.replace(/\.json$/, ""), vendor, whole });
    }
  }
  return found;
}

/** The recorded SSE text of an exchange; undefined where the reply was none. */
export function recordedSse(recording: Recording): string | undefined {
  const response = recording.whole["response"];
  const sse = isObject(response) ? response["sse"] : undefined;
  return typeof sse === "string" ? sse : undefined;
}
