// Reasoning effort: the word that a request asks for, and the word that a target takes for it. Promises the nearest of the
// target's words, and that reasoning is never switched off for a client that asked for some.
import type { HubRequest } from "./request.ts";

/** Effort words in rising order, as OpenAI and the vendors use them. */
const WORDS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The effort that holds at the end of the input: a later `configuration_update` wins. Null where nothing was asked for. */
export function askedEffort(request: HubRequest): string | null {
  let asked = request.reasoning?.effort ?? null;
  for (const item of request.input) if (item.type === "configuration_update" && item.reasoning?.effort) asked = item.reasoning.effort;
  return asked;
}

/**
 * The effort word nearest to the one asked for, among those that the target takes; ties go to the lower. Only `none` and `minimal`
 * may become `none`. Undefined where the word is unknown, or the target has none that would do.
 */
export function nearestEffort(asked: string, efforts: readonly string[]): string | undefined {
  if (efforts.includes(asked)) return asked;
  const at = WORDS.indexOf(asked);
  if (at === -1) return undefined;
  const distance = (effort: string): number => Math.abs(WORDS.indexOf(effort) - at);
  return efforts
    .filter((effort) => WORDS.includes(effort) && (effort !== "none" || at <= 1))
    .toSorted((one, other) => distance(one) - distance(other))[0];
}
