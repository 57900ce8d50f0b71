// How many input tokens a prepared request has: by the server's own counter, a tokenizer of the model's family, or its bytes. Promises a
// number in bounded time and the name of the way it was found.
import type { TokenFamily } from "../../hub/token-family.ts";
import { isObject, parseJson } from "../../kit/json.ts";
import type { Calibration } from "../estimate.ts";
import { promptBytes } from "../estimate.ts";
import type { Target } from "../target.ts";
import { targetKey } from "../target.ts";
import type { UpstreamRequest } from "../upstream.ts";
import type { TokenCounter } from "./counter.ts";
import { FAMILIES, familyOf, methodOf } from "./family.ts";
import { createPostJson } from "./post-json.ts";

/** A count, and how it was found: `vendor`, `tokenizer:NAME` (with `~` where the vocabulary is a neighbour's), `calibrated_bytes` or `bytes`. */
export interface Counted {
  tokens: number;
  method: string;
}

/** What counting needs. */
export interface CountServices {
  calibration: Calibration;
  tokens: TokenCounter;
}

/** Counts the input of a request as it would be sent to the target. */
export async function countRequest(services: CountServices, target: Target, request: UpstreamRequest): Promise<Counted> {
  const told = await askVendor(target, request);
  if (told !== undefined) return { tokens: told, method: "vendor" };
  const ratio = services.calibration.known(targetKey(target));
  const family = target.capabilities.tokenizer ?? familyOf(target.model);
  // What the target has said of itself is worth more than a neighbour's vocabulary.
  if (family !== undefined && (FAMILIES[family].own || ratio === undefined)) {
    const tokens = await services.tokens.count(family, request.body);
    if (tokens !== null) return { tokens, method: methodOf(family) };
  }
  const tokens = Math.ceil(promptBytes(request.body) / services.calibration.bytesPerToken(targetKey(target)));
  return { tokens, method: ratio === undefined ? "bytes" : "calibrated_bytes" };
}

async function askVendor({ provider }: Target, { headers, body }: UpstreamRequest): Promise<number | undefined> {
  const sent = provider.provider.countTokens === undefined ? undefined : parseJson(body.toString());
  if (!isObject(sent)) return undefined;
  const tokens = await provider.provider.countTokens?.(createPostJson(headers), provider.baseUrl, sent);
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : undefined;
}

/** Has the input of a call that stated no usage counted, for the estimates of the next ones; nobody waits for it. */
export function calibrateByCount(services: CountServices, target: Target, { body }: UpstreamRequest): void {
  const key = targetKey(target);
  const family = target.capabilities.tokenizer ?? familyOf(target.model);
  if (family === undefined || !services.calibration.isCountDue(key, performance.now())) return;
  // After the reply, which is being ended just now.
  setImmediate(() => void learnCount(services, key, family, body));
}

async function learnCount({ calibration, tokens }: CountServices, key: string, family: TokenFamily, body: Buffer): Promise<void> {
  const counted = await tokens.count(family, body);
  if (counted !== null) calibration.learnCount(key, promptBytes(body), counted);
}
