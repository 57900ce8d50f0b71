// A look before the load: one whole reply and one stream of each target, read to the last byte, so that no figure is ever taken
// of a target that says something wrong.
import { validateSse } from "../test/support/validate-stream.ts";
import type { Target } from "./measure.ts";
import { Reply } from "./reply.ts";
import { requestBody } from "./scenario.ts";

/** Tokens of the upstream's replies before anyone has set anything. */
const TOKENS = 40;

/** Throws where a target's replies are not what they must be. */
export async function probe(target: Target): Promise<void> {
  for (const stream of [false, true]) {
    const reply = await fetch(target.server.origin + target.path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: requestBody(target.dialect, { stream, history: 0 }),
    });
    const text = await reply.text();
    const read = new Reply({ dialect: target.dialect, stream, tokens: TOKENS, isSample: true });
    read.read(Buffer.from(`HTTP/1.1 ${reply.status} -\r\n\r\n${text}`));
    if (reply.status !== 200 || !read.isEnded || !read.isRight)
      throw new Error(`${target.name} answers ${reply.status}: ${text.slice(0, 1000)}`);
    const violations = stream && target.dialect === "responses" ? validateSse(text) : [];
    if (violations.length > 0) throw new Error(`${target.name} breaks the contract: ${JSON.stringify(violations.slice(0, 5))}`);
  }
}
