// An upstream that says more than its client takes. Promises to send only as fast as its socket takes, and to tell when that is
// not at all any more.
import type { UpstreamExchange } from "./fault-upstream.ts";

/** Sends a frame again and again until so many bytes are sent, or the connection is closed; resolves then. */
export function pour(exchange: UpstreamExchange, frame: string, bytes: number): Promise<void> {
  const { socket } = exchange;
  let left = bytes;
  return new Promise((resolve) => {
    const more = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= frame.length;
        if (exchange.send(frame)) continue;
        socket.once("drain", more);
        return;
      }
      resolve();
    };
    socket.once("close", resolve);
    more();
  });
}

const LOOK_MS = 20;
const LOOKS = 10;

/** Resolves once the other side has taken nothing for a while although there is something to take. */
export function stuck(exchange: UpstreamExchange): Promise<void> {
  const { socket } = exchange;
  return new Promise((resolve) => {
    let seen = -1;
    let same = 0;
    const timer = setInterval(() => {
      const now = exchange.sent.length;
      same = now === seen && socket.writableLength > 0 ? same + 1 : 0;
      seen = now;
      if (same < LOOKS && !socket.destroyed) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
  });
}
