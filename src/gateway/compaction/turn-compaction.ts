// What a turn's own wish for a compaction comes to: the reply itself, or room for it. Promises that a turn without such a wish pays
// nothing for it.
import type { LastItem } from "../../hub/assemble.ts";
import type { Fault } from "../../hub/fault.ts";
import type { HubRequest } from "../../hub/request.ts";
import type { Usage } from "../../hub/usage.ts";
import type { CallsFrame } from "../calls.ts";
import type { Target } from "../target.ts";
import { compactNow } from "./compact-now.ts";
import { Compactor } from "./compactor.ts";
import { makeRoom } from "./make-room.ts";
import { sealCompaction } from "./sealed.ts";

/** The compaction of one turn, if it comes to one. */
export class TurnCompaction {
  /** Of the calls that it took; null = none. */
  usage: Usage | null = null;
  /** The item that ends the turn's output; null = none. */
  last: LastItem | null = null;
  readonly #frame: CallsFrame;
  #compactor: Compactor | null = null;
  #stopped: Fault | null = null;

  constructor(frame: CallsFrame) {
    this.#frame = frame;
  }

  /** Ends it from outside. */
  stop(failure: Fault): void {
    this.#stopped = failure;
    this.#compactor?.stop(failure);
  }

  /** The request to go on with; null = the compaction is all that was asked for. */
  async apply(request: HubRequest, targets: readonly [Target, ...Target[]]): Promise<HubRequest | null> {
    if (request.compaction === undefined) return request;
    const { services, ids } = this.#frame;
    const compactor = (this.#compactor ??= new Compactor(this.#frame));
    if (this.#stopped !== null) compactor.stop(this.#stopped);
    if (request.compaction.when === "above") {
      const room = await makeRoom(request, { services, compactor, ids, targets });
      this.usage = room?.usage ?? null;
      this.last = room?.last ?? null;
      return room?.request ?? request;
    }
    const { handOver, usage } = await compactNow(request, targets, compactor, "trigger");
    const blob = sealCompaction({ handOver, before: [], after: [], isWhole: false }, request.model, services.keyRing.seal);
    this.usage = usage;
    this.last = () => ({ id: ids("cmp"), type: "compaction", encrypted_content: blob });
    return null;
  }
}
