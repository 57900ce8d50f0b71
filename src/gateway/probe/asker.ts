// The requests of a probe: each real, each with its own time and size, all counted. Promises that none is made beyond the number that was
// announced, and that a server which is silent, endless or gone costs no more than the time given.
import type { Headers } from "../../contract.ts";
import { chatSpeaker } from "../../dialects/chat/index.ts";
import { fault } from "../../hub/fault.ts";
import type { Fault } from "../../hub/fault.ts";
import type { JsonObject } from "../../kit/json.ts";
import { asString } from "../../kit/json.ts";
import { requestHeaders } from "../prepare.ts";
import { retryAfterOf } from "../retry.ts";
import { secretsOfProvider, withoutSecrets } from "../secrets.ts";
import type { ResolvedProvider } from "../target.ts";
import { callTransport } from "../upstream.ts";
import type { Upstream, UpstreamListener, UpstreamRequest } from "../upstream.ts";

/** What came back, whole. */
export interface Answer {
  /** Null where not even a status came. */
  status: number | null;
  headers: Headers;
  /** As much of the body as came. */
  text: string;
  /** Why there is no whole answer; null where there is one, whatever its status. */
  fault: Fault | null;
  /** Milliseconds from the request to the end. */
  durationMs: number;
}

export interface AskerOptions {
  provider: ResolvedProvider;
  upstream: Upstream;
  /** Milliseconds for one answer. */
  timeoutMs: number;
}

/** Requests of one probe at most, lists of models and repetitions included. */
export const MOST_REQUESTS = 80;
/** Characters of one answer: none of the questions asks for a hundredth of it. */
const LONGEST_ANSWER = 4 * 1024 * 1024;
/** Seconds that a rate limit is waited for, where the server names none, and at most. */
const PATIENCE = { usual: 2, most: 15 };
const END_MARK = "data: [DONE]";

/** Asks one provider. */
export class Asker {
  readonly #options: AskerOptions;
  readonly host: string;
  /** Requests so far. */
  asked = 0;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.host = URL.parse(options.provider.baseUrl)?.host ?? options.provider.id;
  }

  /** One model call; where the server limits the rate, one more after a pause. */
  async post(body: JsonObject): Promise<Answer> {
    const answer = await this.#post(body);
    if (answer.status !== 429) return answer;
    const after = retryAfterOf(429, answer.headers, answer.text, Date.now()) ?? PATIENCE.usual;
    if (after > PATIENCE.most) return answer;
    await new Promise((resolve) => setTimeout(resolve, after * 1000));
    return this.#post(body);
  }

  /** A GET, as discovery asks it. */
  async get(url: string, headers: Headers): Promise<Answer> {
    return this.#ask({ url, method: "GET", headers: { accept: "application/json", ...headers }, body: Buffer.alloc(0) });
  }

  async #post(body: JsonObject): Promise<Answer> {
    const { provider, baseUrl, key, headers } = this.#options.provider;
    const stream = body["stream"] === true;
    const url = baseUrl + provider.path(asString(body["model"]) ?? "", stream, baseUrl);
    const all = await requestHeaders(provider.headers(key), headers, stream);
    return this.#ask({ url, headers: all, body: Buffer.from(JSON.stringify(body)) });
  }

  #ask(request: UpstreamRequest): Promise<Answer> {
    this.asked += 1;
    if (this.asked > MOST_REQUESTS)
      return Promise.resolve(failed(fault("cancelled", "No more questions: the number announced is used up.")));
    return collect(request, this.#options, this.host);
  }
}

/** The answer to a question that is not asked any more, because those before it had none. */
export function unasked(host: string): Answer {
  return failed(fault("cancelled", `not asked: ${host} left the questions before without an answer`));
}

function failed(failure: Fault): Answer {
  return { status: null, headers: {}, text: "", fault: failure, durationMs: 0 };
}

function collect(request: UpstreamRequest, { provider, upstream, timeoutMs }: AskerOptions, host: string): Promise<Answer> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const decoder = new TextDecoder();
    let status: number | null = null;
    let head: Headers = {};
    let text = "";
    const settle = (failure: Fault | null): void => {
      clearTimeout(timer);
      // A server may repeat the key that it was given.
      resolve({
        status,
        headers: head,
        text: withoutSecrets(text, secretsOfProvider(provider)),
        fault: failure,
        durationMs: performance.now() - startedAt,
      });
    };
    const breakOff = (failure: Fault | null): void => {
      call.abort();
      settle(failure);
    };
    const timer = setTimeout(() => breakOff(fault("timeout", silentWords(host, timeoutMs, status))), timeoutMs);
    const listener: UpstreamListener = {
      onHeaders: (given, headers) => {
        status = given;
        head = headers;
      },
      onData: (chunk) => {
        text += decoder.decode(chunk, { stream: true });
        if (text.length > LONGEST_ANSWER)
          breakOff(fault("bad_reply", `${host} sent more than ${LONGEST_ANSWER / 1024 / 1024} MiB and went on.`));
        else if (text.includes(END_MARK, Math.max(0, text.length - chunk.length - END_MARK.length))) breakOff(null);
      },
      onEnd: () => settle(null),
      onFault: settle,
    };
    const { transport } = provider.provider;
    const call = transport === undefined ? upstream.call(request, listener) : callTransport(transport, request, listener);
  });
}

function silentWords(host: string, timeoutMs: number, status: number | null): string {
  const seconds = timeoutMs / 1000;
  return status === null
    ? `${host} accepted the connection, but said nothing within ${seconds} s (--timeout).`
    : `${host} did not end its answer within ${seconds} s (--timeout).`;
}

/** The fault of an answer that is not what was asked for: the network's own, or what the server says in its error body. */
export function faultOfAnswer({ status, headers, text, fault: failure }: Answer): Fault {
  return failure ?? chatSpeaker.readFault(status ?? 0, text, retryAfterOf(status ?? 0, headers, text, Date.now()));
}
