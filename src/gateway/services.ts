// What every turn shares. Promises that a turn reaches nothing of the process but through these.
import type { Config } from "../config/config.ts";
import type { Journal } from "../journal/journal.ts";
import type { Circuits } from "./circuits.ts";
import type { Counters } from "./counters.ts";
import type { Calibration } from "./estimate.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Fault } from "../hub/fault.ts";
import type { ReasoningMemory } from "./reasoning-memory.ts";
import type { Route } from "./route.ts";
import type { StateServices } from "./state/turn-state.ts";
import type { TokenCounter } from "./tokens/counter.ts";
import type { Upstream } from "./upstream.ts";

/** The services of one gateway. */
export interface Services {
  config: Config;
  journal: Journal;
  upstream: Upstream;
  keyRing: KeyRing;
  calibration: Calibration;
  /** Counts tokens in a thread of its own. */
  tokens: TokenCounter;
  state: StateServices;
  counters: Counters;
  circuits: Circuits;
  memory: ReasoningMemory;
  /** The targets of a name; looks for local servers once more before it says that there are none. */
  resolve: (name: string) => Route | Promise<Route | Fault>;
}
