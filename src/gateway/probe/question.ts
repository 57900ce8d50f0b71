// How a group of questions asks: the body that every question has, and the reply to it. Promises that each question differs from the plain
// body in what it asks about alone, so that a refusal is of that.
import type { Capabilities, Quirks } from "../../contract.ts";
import type { JsonObject } from "../../kit/json.ts";
import { asObject } from "../../kit/json.ts";
import type { Target } from "../target.ts";
import type { Asker } from "./asker.ts";
import type { Finding } from "./finding.ts";
import type { Reply } from "./read-answer.ts";
import { unasked } from "./asker.ts";
import { readAnswer } from "./read-answer.ts";

/** Tokens for an answer of a word or two, and for one to be read whole, with the thoughts that may come before it. */
export const FEW_TOKENS = 64;
export const ENOUGH_TOKENS = 1024;

/** Questions without an answer after which it makes no sense to go on. */
const MOST_SILENCES = 3;

/** What the questions are put to, and what has been learnt of it so far. */
export class Interview {
  readonly asker: Asker;
  readonly target: Target;
  readonly findings: Finding[] = [];
  /** What is known of the target, as declared and as found. */
  capabilities: Capabilities;
  quirks: Quirks;
  /** Tokens as the server counts them, as far as it does. */
  readonly tokens = { input: 0, output: 0 };
  /** Questions in a row that had no answer. */
  #silences = 0;
  /** It refuses fields that it does not know, so that accepting one means something. */
  isStrict = false;
  /** It has shown that it streams: then it is asked as agents ask. */
  streams = false;

  constructor(asker: Asker, target: Target) {
    this.asker = asker;
    this.target = target;
    this.capabilities = target.capabilities;
    this.quirks = target.quirks;
  }

  /** Keeps findings, and asks what follows by them. */
  note(...findings: readonly Finding[]): void {
    for (const one of findings) {
      this.findings.push(one);
      this.capabilities = { ...this.capabilities, ...one.capabilities };
      this.quirks = { ...this.quirks, ...one.quirks };
    }
  }

  /** Asks with these messages (a text is the user's) and fields; `tokens` = the longest reply. A field that is null is left out. */
  async ask(messages: string | readonly JsonObject[], fields: JsonObject = {}, tokens = FEW_TOKENS): Promise<Reply> {
    if (this.gaveUp) return readAnswer(unasked(this.asker.host));
    const stream = fields["stream"] ?? (this.streams || this.quirks.upstreamStream === "always");
    const plain: JsonObject = {
      model: this.target.model,
      messages: typeof messages === "string" ? [{ role: "user", content: messages }] : [...messages],
      [this.quirks.maxTokensField]: tokens,
      stream,
      ...(stream === true && this.quirks.streamUsage ? { stream_options: { include_usage: true } } : {}),
    };
    const body: JsonObject = { ...plain, ...this.#extra(plain), ...fields };
    for (const [name, value] of Object.entries(body)) if (value === null) delete body[name];
    const reply = readAnswer(await this.asker.post(body));
    this.#silences = reply.outcome === "failed" ? this.#silences + 1 : 0;
    this.tokens.input += reply.usage?.input ?? 0;
    this.tokens.output += reply.usage?.output ?? 0;
    return reply;
  }

  /** So many questions in a row had no answer that none is asked any more. */
  get gaveUp(): boolean {
    return this.#silences >= MOST_SILENCES;
  }

  /** The fields that every request to the target has, where the question does not set them. */
  #extra(body: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(this.quirks.extraFields ?? {}).filter(([name]) => body[name] === undefined || asObject(body[name]) !== undefined),
    );
  }
}

/** The first words of what a server said, as part of a line. */
export function quote(words: string): string {
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > 160 ? `"${line.slice(0, 160)}..."` : `"${line}"`;
}

/** How a refusal or a failure is told. */
export function told(reply: Reply): string {
  return reply.outcome === "refused" ? `refused: ${quote(reply.words)}` : `no answer to it: ${quote(reply.words)}`;
}
