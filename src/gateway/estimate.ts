// Bytes per token of each target, learnt from the replies that say their usage. Promises an estimate in no time: two
// numbers per target, bounded in count.
import type { SaidLength } from "../hub/assemble.ts";
import { BYTES_PER_TOKEN, estimateUsage } from "../hub/usage.ts";
import type { Usage } from "../hub/usage.ts";

const WEIGHT = 0.2;
const MAX_TARGETS = 1000;
const COUNT_EACH_MS = 10_000;
/** Below this a prompt is mostly template, and its ratio says little. */
const MIN_TOKENS = 50;
/** Real vocabularies lie within these bounds; beyond them an upstream has counted something else (only what its cache lacked, say). */
const FEWEST_BYTES = 2;
const MOST_BYTES = 8;

/** What an image or file counts, in bytes of text: about a thousand tokens, whatever its size on the wire. */
const ATTACHMENT_BYTES = 4000;

/** Bytes of a request body as far as they are text: base64 attachments count a flat sum each. */
export function promptBytes(body: Buffer): number {
  let bytes = body.length;
  for (let at = body.indexOf(";base64,"); at !== -1; at = body.indexOf(";base64,", at)) {
    const end = body.indexOf('"', at);
    if (end === -1) break;
    bytes += ATTACHMENT_BYTES - (end - at);
    at = end;
  }
  return bytes;
}

/** The ratios of this process. */
export class Calibration {
  readonly #ratios = new Map<string, number>();
  /** Those that a tokenizer of ours gave, for targets that have never stated a count. */
  readonly #counted = new Map<string, number>();
  /** When such a count was last asked for. */
  readonly #asked = new Map<string, number>();

  /** Bytes of request body per input token for a target, as far as it has been seen. */
  bytesPerToken(target: string): number {
    return this.known(target) ?? BYTES_PER_TOKEN;
  }

  /** The same where something is known of the target: what it stated, else what a tokenizer counted. */
  known(target: string): number | undefined {
    return this.#ratios.get(target) ?? this.#counted.get(target);
  }

  /** Whether a tokenizer's count of a target that states none is due at this time (milliseconds): now and then, for it takes a core. */
  isCountDue(target: string, now: number): boolean {
    if (this.#ratios.has(target)) return false;
    const last = this.#asked.get(target);
    if (last === undefined ? this.#asked.size >= MAX_TARGETS : now - last < COUNT_EACH_MS) return false;
    this.#asked.set(target, now);
    return true;
  }

  /** Learns from a tokenizer's count, until the target states its own. */
  learnCount(target: string, bytes: number, tokens: number): void {
    const seen = ratioOf(bytes, tokens);
    if (seen === undefined || this.#ratios.has(target)) return;
    const known = this.#counted.get(target) ?? seen;
    this.#counted.set(target, known + WEIGHT * (seen - known));
  }

  /** Learns from a reply that stated its input tokens. */
  learn(target: string, bytes: number, tokens: number): void {
    const seen = ratioOf(bytes, tokens);
    if (seen === undefined) return;
    const known = this.#ratios.get(target);
    if (known === undefined && this.#ratios.size >= MAX_TARGETS) return;
    this.#counted.delete(target);
    this.#ratios.set(target, known === undefined ? seen : known + WEIGHT * (seen - known));
  }

  /** The counts of one upstream call: what it stated, which is learnt from, else an estimate from its body and what was said. */
  usageOf(target: string, body: Buffer, stated: Usage | null, said: SaidLength): Usage {
    const bytes = promptBytes(body);
    if (stated === null) return estimateUsage(bytes, said.text + said.reasoning + said.calls, said.reasoning, this.bytesPerToken(target));
    this.learn(target, bytes, stated.input);
    return stated;
  }
}

/** Bytes per token where the count is one of a vocabulary's, and of more than a template. */
function ratioOf(bytes: number, tokens: number): number | undefined {
  const seen = bytes / tokens;
  return tokens < MIN_TOKENS || seen < FEWEST_BYTES || seen > MOST_BYTES ? undefined : seen;
}
