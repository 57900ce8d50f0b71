// Error replies of chat servers, in every vendor's shape, as faults. Promises the vendor's own message whole, its kind
// from code, type and words, and never a throw.
import type { JsonObject } from "../../kit/json.ts";
import { asObject, asString, isObject, parseJson } from "../../kit/json.ts";
import type { Fault, FaultKind } from "../../hub/fault.ts";
import { fault } from "../../hub/fault.ts";

/** What an error body says, wherever it says it. */
interface Said {
  message: string;
  /** Code, type and status words, joined, in lower case. */
  labels: string;
  param: string | null;
  /** An HTTP status inside the body (OpenRouter, llama.cpp, Google put a number into `code`). */
  status: number | undefined;
}

const CONTEXT =
  /context[_ ](length|window|size)|maximum context|exceed_context_size|prompt (is )?too long|too many (input )?tokens|input (is )?too long|reduce the length of (the|your) (messages|prompt)|exceeds? the (model'?s )?(maximum )?(available )?(context|token limit)|max(imum)?_?(input|prompt)_?tokens? exceeded|model_max_prompt_tokens_exceeded|context size has been exceeded/i;
const QUOTA =
  /insufficient_quota|exceeded your current quota|insufficient (balance|credits?|funds)|billing|payment required|credit balance|out of credits/i;
const OVERLOAD =
  /overloaded|over ?capacity|at capacity|server_is_overloaded|engine_overloaded|model is loading|loading model|no available (workers|capacity)|temporarily unavailable/i;
const RATE = /rate[_ -]?limit|too many requests|throttl/i;
/** Google's word for a rate and for a quota alike: only a time to wait tells them apart. */
const EXHAUSTED = /resource_exhausted/i;
// A dot inside a model's name does not end the sentence.
const NO_MODEL =
  /model_not_found|model(?:[^.]|\.\S){0,120}(?:does not exist|not found|not exist|is not available|unknown)|unknown model|no such model|invalid model|not a valid model|could not find .*model|supported (?:api )?model names/i;
const FILTER = /content[_ ]filter|content management policy|responsibleaipolicy|safety system|moderation/i;
const AUTH = /invalid[_ ]api[_ ]key|incorrect api key|unauthori[sz]ed|authentication/i;
const BAD_KEY = /(?:invalid|incorrect) api[_ ]key|api key not valid/i;

/** The fault of an HTTP error reply. `retryAfter` is in seconds, from its headers. */
export function readFault(status: number, text: string, retryAfter: number | undefined): Fault {
  const said = read(text);
  const kind = kindOf(status, said, retryAfter !== undefined);
  const failure = fault(kind, said.message === "" ? `The upstream answered with HTTP ${status} and no message.` : said.message, {
    status: statusFor(kind, status),
    upstream: true,
  });
  if (said.param !== null) failure.param = said.param;
  if (retryAfter !== undefined) failure.retryAfter = retryAfter;
  return failure;
}

/** The fault of an error object inside a reply that began with HTTP 200. */
export function readReplyError(body: JsonObject): Fault {
  const said = read(JSON.stringify(body["error"] === undefined || body["error"] === null ? {} : { error: body["error"] }));
  const message = said.message === "" ? "The upstream ended its reply with an error and no message." : said.message;
  const kind = kindOf(said.status ?? (QUOTA.test(said.labels) || RATE.test(said.labels) ? 429 : 500), said, false);
  return fault(kind, message, { upstream: true });
}

function read(text: string): Said {
  const parsed = parseJson(text);
  const body = Array.isArray(parsed) ? parsed[0] : parsed;
  if (typeof body === "string") return { message: body, labels: "", param: null, status: undefined };
  if (!isObject(body)) return { message: plain(text), labels: "", param: null, status: undefined };
  const error = body["error"];
  const inner = asObject(error) ?? body;
  const found =
    (typeof error === "string" ? error : undefined) ?? words(inner["message"]) ?? words(body["message"]) ?? words(body["detail"]) ?? "";
  const raw = rawWords(asObject(inner["metadata"])?.["raw"], found);
  const code = inner["code"] ?? body["code"];
  const labels = [code, inner["type"], inner["status"], body["type"]].filter((one) => typeof one === "string").join(" ");
  const number = Number(code);
  return {
    message: raw === "" ? found : `${found}: ${raw}`,
    labels,
    param: asString(inner["param"]) ?? null,
    status: number >= 400 && number < 600 ? number : undefined,
  };
}

/** OpenRouter keeps what its provider said in `metadata.raw`, and says little itself. */
function rawWords(raw: unknown, found: string): string {
  if (typeof raw !== "string" || raw === "") return "";
  const said = read(raw).message;
  return found.includes(said) ? "" : said;
}

function words(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** The text of a body that is no JSON: an HTML page loses its tags, and nothing is longer than 500 characters. */
function plain(text: string): string {
  const bare = /<(!doctype|html|head|body)/i.test(text)
    ? text.replace(/<(script|style)[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ")
    : text;
  return bare.replace(/\s+/g, " ").trim().slice(0, 500);
}

function kindOf(status: number, said: Said, isTimed: boolean): FaultKind {
  const all = `${said.labels} ${said.message}`;
  if (CONTEXT.test(all) && status !== 429) return "context_length";
  if (status === 413) return "too_large";
  if (isQuota(status, said, isTimed)) return "quota";
  if (status === 429 || ((RATE.test(said.labels) || EXHAUSTED.test(said.labels)) && status < 500)) return "rate_limit";
  if (status === 401 || (AUTH.test(said.labels) && status < 500) || (status === 400 && BAD_KEY.test(said.message))) return "authentication";
  if (status === 403) return "permission";
  if ((status === 404 || status === 400 || status === 422) && NO_MODEL.test(all)) return "model_not_found";
  if (status === 404) return "not_found";
  if (status === 503 || status === 529 || (status >= 500 && OVERLOAD.test(all))) return "overloaded";
  if (status === 408 || status === 504) return "timeout";
  if (status >= 500) return "server";
  return FILTER.test(said.labels) ? "content_filter" : "invalid_request";
}

/** Whether the money is at an end, not only the pace too high: messages about the pace speak of billing too. */
function isQuota(status: number, said: Said, isTimed: boolean): boolean {
  if (status === 402) return true;
  if (status !== 429 && status !== 403) return false;
  const isPace = RATE.test(said.labels) || (isTimed && EXHAUSTED.test(said.labels));
  return QUOTA.test(said.labels) || (!isPace && QUOTA.test(said.message));
}

/** The upstream's own status, but for kinds whose status is settled. */
function statusFor(kind: FaultKind, status: number): number {
  if (kind === "context_length" || kind === "model_not_found") return 400;
  return kind === "quota" ? 429 : status;
}
