// The probe of one target: all questions in their order, and what comes of them. Promises at most the announced number of requests, an end
// whatever the server does, and a report in which no secret of the provider stands.
import type { Capabilities, Quirks } from "../../contract.ts";
import type { Target } from "../target.ts";
import { secretsOfProvider, withoutSecrets } from "../secrets.ts";
import type { Asker } from "./asker.ts";
import { askEfforts } from "./efforts.ts";
import type { Finding } from "./finding.ts";
import { askHello, askLength, askStream, askWrongModel } from "./first-contact.ts";
import { askFormats, askImages } from "./formats.ts";
import { askHistory, askSystem } from "./histories.ts";
import { Interview } from "./question.ts";
import { askSettings } from "./settings.ts";
import { askTools } from "./tools.ts";

/** What a probe found. */
export interface ProbeReport {
  /** Why nothing more was asked: the server cannot be used; null where it can. */
  unusable: { words: string; advice: string } | null;
  findings: Finding[];
  /** What differs from what is known of the target already. */
  differs: { capabilities: Partial<Capabilities>; quirks: Partial<Quirks> };
  requests: number;
  /** As the server counts them. */
  tokens: { input: number; output: number };
}

/** What a probe needs. `onFinding` hears each finding as soon as it is there. */
export interface ProbeOptions {
  target: Target;
  asker: Asker;
  onFinding: (found: Finding) => void;
}

/** Asks everything. Never throws for what a server does. */
export async function probe({ target, asker, onFinding }: ProbeOptions): Promise<ProbeReport> {
  const interview = new Interview(asker, target);
  const secrets = secretsOfProvider(target.provider);
  let told = 0;
  const tell = (): void => {
    for (const one of interview.findings.slice(told)) onFinding(clean(one, secrets));
    told = interview.findings.length;
  };
  const unusable = await askHello(interview);
  tell();
  for (const group of unusable === null ? GROUPS : []) {
    await group(interview);
    tell();
  }
  return {
    unusable: unusable && { words: withoutSecrets(unusable.fault.message, secrets), advice: unusable.advice },
    findings: interview.findings.map((one) => clean(one, secrets)),
    differs: differences(target, interview),
    requests: asker.asked,
    tokens: interview.tokens,
  };
}

const GROUPS: readonly ((interview: Interview) => Promise<void>)[] = [
  askWrongModel,
  askLength,
  askStream,
  askSystem,
  askSettings,
  askFormats,
  askImages,
  async (interview) => {
    await askTools(interview);
    if (interview.capabilities.tools) await askHistory(interview);
  },
  askEfforts,
];

function clean(found: Finding, secrets: readonly string[]): Finding {
  return { ...found, words: withoutSecrets(found.words, secrets) };
}

/** The fields in which what was found is not what was known. */
function differences(target: Target, found: Pick<Interview, "capabilities" | "quirks">): ProbeReport["differs"] {
  return { capabilities: changed(target.capabilities, found.capabilities), quirks: changed(target.quirks, found.quirks) };
}

function changed<T extends object>(before: T, after: T): Partial<T> {
  const entries = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(Object.entries(before).find(([other]) => other === name)?.[1]),
  );
  // The entries are fields of T.
  return Object.fromEntries(entries) as Partial<T>;
}
