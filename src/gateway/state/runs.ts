// Background responses that run in this process. Promises that whoever waits for one is told when its end is written down.
import type { Fault } from "../../hub/fault.ts";
import type { BackgroundStream } from "./background-stream.ts";

/** A run. */
export interface Run {
  /** Ends it with a fault. */
  stop: (failure: Fault) => void;
  /** Where its events go; null where nobody asked for them. */
  stream: BackgroundStream | null;
  /** Resolves when it is over. */
  over: Promise<void>;
}

/** All runs. */
export class Runs {
  readonly #runs = new Map<string, Run & { end: () => void }>();

  begin(id: string, run: Omit<Run, "over">): Run {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const begun = { ...run, over, end };
    this.#runs.set(id, begun);
    return begun;
  }

  /** The run of a response; undefined where it does not run here. */
  find(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  end(id: string): void {
    const run = this.#runs.get(id);
    this.#runs.delete(id);
    run?.end();
  }
}
