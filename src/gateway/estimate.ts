// Bytes per token of each target, learnt from the replies that say their usage. Promises an estimate in no time: two
// numbers per target, bounded in count.
import { BYTES_PER_TOKEN } from "../hub/usage.ts";

const WEIGHT = 0.2;
const MAX_TARGETS = 1000;
/** Below this a prompt is mostly template, and its ratio says little. */
const MIN_TOKENS = 50;

/** The ratios of this process. */
export class Calibration {
  readonly #ratios = new Map<string, number>();

  /** Bytes of request body per input token for a target, as far as it has been seen. */
  bytesPerToken(target: string): number {
    return this.#ratios.get(target) ?? BYTES_PER_TOKEN;
  }

  /** Learns from a reply that stated its input tokens. */
  learn(target: string, bytes: number, tokens: number): void {
    if (tokens < MIN_TOKENS || bytes <= 0) return;
    const seen = Math.min(20, Math.max(1, bytes / tokens));
    const known = this.#ratios.get(target);
    if (known === undefined && this.#ratios.size >= MAX_TARGETS) return;
    this.#ratios.set(target, known === undefined ? seen : known + WEIGHT * (seen - known));
  }
}
