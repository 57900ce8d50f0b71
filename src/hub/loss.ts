// Losses: what a target could not carry, said aloud. Promises that nothing is dropped or changed in meaning in silence.

/** How a feature was treated: `lowered` = emulated in another form, `dropped` = not sent, `refused` = answered with an error. */
export type LossKind = "lowered" | "dropped" | "refused";

/** One declared loss. `feature` is short and stable (`tool.web_search`, `input[3].input_image`), `detail` is a sentence. */
export interface Loss {
  kind: LossKind;
  feature: string;
  detail: string;
}

/** More kinds of loss than this no honest request has. */
const MOST_LOSSES = 200;

/** Collects losses; the same feature and kind is kept once, so that a long history does not repeat itself. */
export class LossList {
  readonly #seen = new Map<string, Loss>();

  /** Records a loss. */
  add(kind: LossKind, feature: string, detail: string): void {
    const key = `${kind} ${feature}`;
    if (!this.#seen.has(key) && this.#seen.size < MOST_LOSSES) this.#seen.set(key, { kind, feature, detail });
  }

  /** All losses in the order in which they were met. */
  list(): Loss[] {
    return [...this.#seen.values()];
  }

  /** The losses as one header value: `dropped tool.web_search, lowered tool.custom`; empty when there are none. */
  header(): string {
    return this.list()
      .map((loss) => `${loss.kind} ${loss.feature}`)
      .join(", ")
      .replace(/[^\x20-\x7e]/g, "?")
      .slice(0, 1000);
  }
}
