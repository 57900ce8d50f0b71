// Names of hosts to addresses, for upstream calls. Promises that calls to one name share one question (the system answers a handful at a
// time, and other work waits behind them), and that a name which does not exist is remembered for five seconds and no longer.
import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** What connections ask, and what is told of a connection that was not made in time. */
export interface HostNames {
  lookup: LookupFunction;
  /** Whether the system still owes the addresses of this name. */
  isPending(hostname: string): boolean;
}

/** Milliseconds for which a name counts as unknown. What is found is not kept: the system knows how long it holds. */
const UNKNOWN_FOR = 5_000;

type Callback = Parameters<LookupFunction>[2];

/** Makes the look-up; `ask` is the system's own unless a test has another, `now` is in milliseconds. */
export function createHostNames(ask: LookupFunction = systemLookup, now: () => number = () => performance.now()): HostNames {
  const pending = new Map<string, Callback[]>();
  const unknown = new Map<string, { until: number; error: NodeJS.ErrnoException }>();
  const forget = (): void => {
    for (const [name, { until }] of unknown) if (now() >= until) unknown.delete(name);
  };
  return {
    isPending: (hostname) => [...pending.keys()].some((question) => question.startsWith(`${hostname} `)),
    lookup: (hostname, options, callback) => {
      forget();
      const known = unknown.get(hostname);
      if (known !== undefined) return queueMicrotask(() => callback(known.error, ""));
      const question = `${hostname} ${options.family ?? 0} ${options.hints ?? 0} ${options.all === true}`;
      const waiting = pending.get(question);
      if (waiting !== undefined) return void waiting.push(callback);
      const all = [callback];
      pending.set(question, all);
      ask(hostname, options, (error, address, family) => {
        pending.delete(question);
        if (error?.code === "ENOTFOUND") unknown.set(hostname, { until: now() + UNKNOWN_FOR, error });
        for (const tell of all) tell(error, address, family);
      });
    },
  };
}
