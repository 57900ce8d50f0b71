// A request fitted into its target: old tool results aged where the user wants it, and, where the client said `truncation: "auto"`, the
// oldest of the conversation left out until it fits. Promises that every cut is a declared loss, and a bounded number of tries.
import type { Fault } from "../hub/fault.ts";
import { ageResults } from "../hub/age-results.ts";
import type { Item } from "../hub/item.ts";
import type { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import { truncateItems } from "../hub/truncate.ts";
import { promptBytes } from "./estimate.ts";
import type { Prepared } from "./prepare.ts";
import { prepare } from "./prepare.ts";
import type { Services } from "./services.ts";
import type { Target } from "./target.ts";
import { targetKey } from "./target.ts";

/** A request as it is tried, and made ready. */
export interface Fitted {
  request: HubRequest;
  prepared: Prepared;
}

/** Times that a target which still finds it too long is asked again, each time with this part of the bytes. */
const MOST_TRIES = 4;
const KEPT_PART = 0.75;
/** Cuts until an estimate fits; each is by what the last one lacked, so that two do. */
const MOST_CUTS = 4;
/** Tokens left for the answer where the client sets no limit, at most half of the window. */
const ROOM = 4096;
/** Cuts that are told one by one; all further ones as `truncation.more`. */
const MOST_TOLD = 50;

/** Fits the requests of one turn to one target. */
export class Fit {
  readonly #services: Services;
  readonly #target: Target;
  readonly #losses: LossList;
  /** The items before any was left out. */
  #items: readonly Item[] = [];
  /** Where each of them stood; made with the first cut. */
  #places: ReadonlyMap<Item, number> | null = null;
  #last: Fitted | null = null;
  #told = 0;
  #tries = 0;

  constructor(services: Services, target: Target, losses: LossList) {
    this.#services = services;
    this.#target = target;
    this.#losses = losses;
  }

  /** Makes a request ready. Throws a FaultError where the target cannot be served at all. */
  async prepare(request: HubRequest): Promise<Fitted> {
    const { agingRule, contextWindow } = this.#target;
    const input = agingRule === undefined ? request.input : ageResults(request.input, agingRule, this.#losses);
    this.#items = input;
    let fitted = await this.#ready(input === request.input ? request : { ...request, input: [...input] });
    if (truncates(request) && contextWindow !== undefined) {
      const budget = contextWindow - Math.min(request.max_output_tokens ?? ROOM, Math.floor(contextWindow / 2));
      const most = budget * this.#services.calibration.bytesPerToken(targetKey(this.#target));
      for (let cuts = 0; cuts < MOST_CUTS; cuts++) {
        const smaller = await this.#cut(fitted, promptBytes(fitted.prepared.request.body) - most);
        if (smaller === null) break;
        fitted = smaller;
      }
    }
    return (this.#last = fitted);
  }

  /** A smaller request after the target found the last one too long; null = that was not it, or nothing more may go. */
  async smaller(failure: Fault): Promise<Fitted | null> {
    const last = this.#last;
    if (last === null || failure.kind !== "context_length" || !truncates(last.request) || ++this.#tries > MOST_TRIES) return null;
    const smaller = await this.#cut(last, promptBytes(last.prepared.request.body) * (1 - KEPT_PART));
    if (smaller !== null) this.#last = smaller;
    return smaller;
  }

  async #cut({ request }: Fitted, excess: number): Promise<Fitted | null> {
    if (excess <= 0) return null;
    const { items, dropped } = truncateItems(request.input, excess, bytesOf);
    if (dropped.length === 0) return null;
    for (const index of dropped) this.#tell(request.input[index]);
    return this.#ready({ ...request, input: items });
  }

  #tell(item: Item | undefined): void {
    if (item === undefined) return;
    const places = (this.#places ??= new Map(this.#items.map((one, index) => [one, index])));
    const place = ++this.#told > MOST_TOLD ? "more" : `${item.type}[${places.get(item)}]`;
    this.#losses.add("dropped", `truncation.${place}`, "Left out from the beginning of a conversation that is too long for the model.");
  }

  async #ready(request: HubRequest): Promise<Fitted> {
    return { request, prepared: await prepare(request, this.#target, this.#services.keyRing.unseal, this.#losses) };
  }
}

function truncates(request: HubRequest): boolean {
  return request.echo["truncation"] === "auto";
}

function bytesOf(item: Item): number {
  return promptBytes(Buffer.from(JSON.stringify(item)));
}
