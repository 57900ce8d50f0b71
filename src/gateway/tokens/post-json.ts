// The POST that asks a server for a count. Promises never to throw, and to be bounded in time and size.
import { Agent, request } from "undici";
import type { Headers, PostJson } from "../../contract.ts";
import { parseJson } from "../../kit/json.ts";

/** Milliseconds for one question: a client that asks for a count is about to ask for the answer. */
const PATIENCE_MS = 1_500;
/** Bytes of an answer: llama-server lists every token of the prompt, a million of them in 8 MB. */
const LARGEST = 16 * 1024 * 1024;

// No pipelining in undici's sense also means no keep-alive, so that there is nothing to close.
const agent = new Agent({ connect: { timeout: 1_000 }, pipelining: 0, maxResponseSize: LARGEST });

/** Makes one with the headers of a model call; all its questions together have the one patience. */
export function createPostJson(headers: Headers): PostJson {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return async (url, body) => {
    try {
      const sent = { ...headers, accept: "application/json", "content-type": "application/json" };
      const reply = await request(url, { method: "POST", dispatcher: agent, headers: sent, body: JSON.stringify(body), signal });
      if (reply.statusCode >= 200 && reply.statusCode < 300) return parseJson(await reply.body.text());
      await reply.body.dump();
    } catch {
      // Unreachable, slow, too large, not HTTP: all the same to who asked.
    }
    return undefined;
  };
}
