// The GET that asks servers what they are and what models they have. Promises never to throw, to be bounded in time and
// size, and to go straight to the server: proxies of the environment are for the outside and would answer for it.
import { Agent, request } from "undici";
import type { FetchJson } from "../contract.ts";
import { isLoopback } from "../config/loopback.ts";
import { parseJson } from "../kit/json.ts";

/** Milliseconds to connect, and for everything. A local server answers at once or is not there. */
const LOCAL = { connect: 300, total: 1_000 };
const REMOTE = { connect: 3_000, total: 10_000 };

/** Bytes of an answer: OpenRouter's list, the longest known, has about one million. */
const LARGEST = 8 * 1024 * 1024;

/** Makes a `FetchJson`. It keeps no connection, so there is nothing to close. */
export function createFetchJson(): FetchJson {
  // No pipelining in undici's sense also means no keep-alive.
  const agentFor = (connect: number): Agent => new Agent({ connect: { timeout: connect }, pipelining: 0, maxResponseSize: LARGEST });
  const local = { agent: agentFor(LOCAL.connect), total: LOCAL.total };
  const remote = { agent: agentFor(REMOTE.connect), total: REMOTE.total };
  return async (url, headers = {}) => {
    try {
      const { agent, total } = isLoopback(new URL(url).hostname) ? local : remote;
      const reply = await request(url, {
        dispatcher: agent,
        headers: { accept: "application/json", ...headers },
        signal: AbortSignal.timeout(total),
      });
      if (reply.statusCode >= 200 && reply.statusCode < 300) return parseJson(await reply.body.text());
      await reply.body.dump();
    } catch {
      // Unreachable, slow, too large, not HTTP: all the same to who asked.
    }
    return undefined;
  };
}
