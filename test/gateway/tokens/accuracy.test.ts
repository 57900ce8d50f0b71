// How near the counts come to what vendors state, over all recordings that state it. docs/tokens.md shows what comes out here.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { countChat } from "../../../src/gateway/tokens/count-chat.ts";
import { FAMILIES, familyOf, methodOf } from "../../../src/gateway/tokens/family.ts";
import { loadVocabulary } from "../../../src/gateway/tokens/vocabulary.ts";
import type { TokenFamily } from "../../../src/hub/token-family.ts";
import { corpus } from "../../support/corpus.ts";
import { recordedUsages, type RecordedUsage } from "./recorded-usage.ts";

/** Fewer recordings than this say nothing of a vendor. */
const FEWEST = 3;
/** What frames an answer, and each call in it, as it was recorded (the gateway counts no answers). */
const FRAMES: Readonly<Record<TokenFamily, readonly [answer: number, call: number]>> = {
  "gpt-oss": [10, 12],
  "gpt-5": [4, 10],
  "gpt-4o": [0, 7],
  "gpt-4": [0, 7],
  "qwen3.5": [1, 17],
  qwen: [5, 12],
  "llama-3.1": [1, 9],
  "llama-3": [1, 9],
  deepseek: [0, 20],
  glm: [1, 10],
  mistral: [2, 5],
  kimi: [1, 10],
  claude: [7, 36],
  gemini: [0, 6],
  grok: [0, 12],
};

interface Errors {
  input: number[];
  output: number[];
}

async function measure(): Promise<{ byFamily: Map<TokenFamily, Errors>; byVendor: Map<string, Errors> }> {
  const byFamily = new Map<TokenFamily, Errors>();
  const byVendor = new Map<string, Errors>();
  for (const recording of recordedUsages()) {
    const family = familyOf(recording.model);
    if (family === undefined) continue;
    const [input, output] = await errorsOf(recording, family);
    for (const errors of [at(byFamily, family), at(byVendor, `${recording.vendor} | ${family}`)]) {
      errors.input.push(input);
      if (output !== undefined) errors.output.push(output);
    }
  }
  return { byFamily, byVendor };
}

function at<K>(map: Map<K, Errors>, key: K): Errors {
  const known = map.get(key) ?? { input: [], output: [] };
  map.set(key, known);
  return known;
}

const vocabularies = new Map<string, ReturnType<typeof loadVocabulary>>();

async function errorsOf(recording: RecordedUsage, family: TokenFamily): Promise<[number, number | undefined]> {
  const costs = FAMILIES[family];
  const loading = vocabularies.get(costs.vocabulary) ?? loadVocabulary(costs.vocabulary);
  vocabularies.set(costs.vocabulary, loading);
  const count = await loading;
  const input = Math.abs(countChat(recording.body, costs, count) - recording.input) / recording.input;
  const said = recording.said.join("");
  // Where nothing readable came back, hidden reasoning was what was counted.
  if (recording.output === 0 || said === "") return [input, undefined];
  const [answer, call] = FRAMES[family];
  const output = count(said) * costs.scale + answer + recording.calls * call;
  return [input, Math.abs(output - recording.output) / recording.output];
}

function quantile(errors: readonly number[], part: number): number {
  const sorted = errors.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}

const percent = (error: number): string => (error * 100).toFixed(1);

function line(head: string, { input, output }: Errors): string {
  const cells = [input.length, percent(quantile(input, 0.5)), percent(quantile(input, 0.9)), percent(quantile(output, 0.5))];
  return `| ${head} | ${cells.join(" | ")} |`;
}

const measured = corpus === undefined ? undefined : await measure();

test.skipIf(measured === undefined)(
  "where the vocabulary is the family's own, half of all counts are within a tenth of the vendor's",
  () => {
    const own = [...(measured?.byFamily ?? [])].filter(([family]) => FAMILIES[family].own);
    expect(own.reduce((sum, [, errors]) => sum + errors.input.length, 0)).toBeGreaterThan(500);
    for (const [family, errors] of own) expect(quantile(errors.input, 0.5), family).toBeLessThanOrEqual(0.1);
  },
);

test.skipIf(measured === undefined)("docs/tokens.md shows the errors as they are", () => {
  const doc = readFileSync(resolve(import.meta.dirname, "../../../docs/tokens.md"), "utf8");
  const families = [...(measured?.byFamily ?? [])]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([family, errors]) => line(`${family} | ${methodOf(family)}`, errors));
  const vendors = [...(measured?.byVendor ?? [])]
    .filter(([, errors]) => errors.input.length >= FEWEST)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, errors]) => line(name, errors));
  // The formatter aligns the columns.
  const cells = doc.replace(/ +/g, " ");
  expect(cells).toContain(families.join("\n"));
  expect(cells).toContain(vendors.join("\n"));
});
