// Shutdown in good order. Promises that nothing new begins, that running turns may end by themselves until the limit, that each
// stream gets its terminal event at the latest then, and that closing takes no longer than the limit and a few seconds.
import type { Server } from "node:http";
import type { Gateway } from "../gateway/gateway.ts";
import type { Connections } from "./connection.ts";

/** Milliseconds for turns that were ended to write their last event, and for that to reach the client. */
const LAST_WORDS_MS = 2000;

/** The `close` of a server: drains at the first call, stops at once at the second. */
export function createDrain(server: Server, connections: Connections, gateway: Gateway, drainSeconds: number): () => Promise<void> {
  const forced = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;
  let aborted = false;
  const abort = (): void => {
    if (!aborted) gateway.abortAll();
    aborted = true;
  };

  const drain = async (): Promise<void> => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    connections.state.draining = true;
    gateway.drain();
    // Closes idle connections too.
    server.close(() => resolve());
    const idle = gateway.idle();
    if (!(await within(idle, drainSeconds * 1000, forced.promise))) {
      abort();
      await within(idle, LAST_WORDS_MS, forced.promise);
    }
    await within(connections.quiet(), LAST_WORDS_MS, forced.promise);
    server.closeAllConnections();
    await closed;
  };

  return () => {
    if (closing === undefined) {
      closing = drain();
    } else {
      abort();
      server.closeAllConnections();
      forced.resolve();
    }
    return closing;
  };
}

/** Whether something happened in time and before `stop`. */
async function within(event: Promise<void>, milliseconds: number, stop: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([event.then(() => true), timeout, stop.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}
