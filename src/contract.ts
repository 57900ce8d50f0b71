// The contract between Waystation and a vendor: all that a provider folder may see. Promises that a vendor is data, a
// few short functions, and nothing that knows of turns, logs or clients.
import type { Capabilities, Quirks } from "./hub/capability.ts";
import { asList, asNumber, asObject, asString } from "./kit/json.ts";
import type { JsonObject } from "./kit/json.ts";

export { namesVision, templateEffort } from "./hub/model-name.ts";
export { asList, asNumber, asObject, asString, isObject, parseJson } from "./kit/json.ts";
export type { Json, JsonObject } from "./kit/json.ts";
export { CHAT_CAPABILITIES, CHAT_QUIRKS } from "./hub/capability.ts";
export type { Capabilities, EffortStyle, Quirks } from "./hub/capability.ts";

/** A wire protocol. */
export type Dialect = "responses" | "chat" | "messages" | "gemini";

/** Headers, names in lower case. */
export type Headers = Record<string, string>;

/** A GET off the hot path: the JSON body of a 2xx answer, undefined for anything else. Never throws; bounded in time and size. */
export type FetchJson = (url: string, headers?: Headers) => Promise<unknown>;

/** A POST of JSON off the hot path, with the request's own headers: the JSON body of a 2xx answer, else undefined. Never throws; bounded as that. */
export type PostJson = (url: string, body: JsonObject) => Promise<unknown>;

/** A model as its server lists it. */
export interface ModelInfo {
  id: string;
  contextWindow?: number;
  /** Takes images. */
  vision?: boolean;
  ownedBy?: string;
}

/** What an in-process upstream gets: the request as it would go on the wire. */
export interface TransportRequest {
  url: string;
  headers: Headers;
  body: Uint8Array;
  signal: AbortSignal;
}

/** What an in-process upstream gives back. */
export interface TransportReply {
  status: number;
  headers: Headers;
  body: AsyncIterable<Uint8Array>;
}

/** An upstream that lives in this process instead of behind a URL. */
export type Transport = (request: TransportRequest) => Promise<TransportReply>;

/** A vendor or a kind of local server. */
export interface Provider {
  readonly id: string;
  readonly dialect: Dialect;
  /**
   * What the vendor's own SDK takes as base URL; the configuration may override it. Empty where every user has another (an account, a
   * region): then the configuration must give it.
   */
  readonly baseUrl: string;
  /** For an empty `baseUrl`: what the user's own looks like, in capitals what is theirs to fill in. */
  readonly baseUrlForm?: string;
  /** The environment variable that usually holds the key. Vendors found by it answer only to PROVIDER/MODEL. */
  readonly keyEnv?: string;
  /** The vendor's further hosts, to which that key may go too when the configuration names one; else only to that of `baseUrl`. */
  readonly keyHosts?: RegExp;
  /** Local servers: ports on which to look for one at start, and how to tell it from another kind on the same port. */
  readonly local?: LocalServer;
  /** The path below the base URL for a model call. */
  path(model: string, stream: boolean, baseUrl: string): string;
  /** Headers that authenticate and identify; the key is undefined where none is configured. */
  headers(key: string | undefined): Headers | Promise<Headers>;
  /** What a model can do, as far as its name tells. */
  readonly capabilities: (model: string) => Capabilities;
  /** How the wire deviates from the plain dialect for a model. */
  readonly quirks?: (model: string) => Partial<Quirks>;
  /** Lists the models; `undefined` = this is no server of the kind, or it does not answer. */
  discover?(fetch: FetchJson, baseUrl: string, headers: Headers): Promise<ModelInfo[] | undefined>;
  /** Asks the server how many input tokens a request has, which is given as it would be sent; undefined = it does not say. */
  countTokens?(post: PostJson, baseUrl: string, request: JsonObject): Promise<number | undefined>;
  readonly transport?: Transport;
}

/** Where a local server is usually found. */
export interface LocalServer {
  readonly ports: readonly number[];
  /** Whether the server that answered `/v1/models` so is of this kind; may ask it one more question. */
  recognise(fetch: FetchJson, origin: string, models: unknown): Promise<boolean>;
}

/** Entries beyond this many are not read: no server that a person uses lists more. */
const LONGEST_MODEL_LIST = 2000;

/**
 * The models of an OpenAI list, `{data: [{id, owned_by}]}`; `more` reads what a kind of server adds to an entry, its
 * undefined fields say nothing. Undefined where the body is no such list; Ollama without models lists `data: null`.
 */
export function readModelList(body: unknown, more: (entry: JsonObject) => ListedFacts = () => ({})): ModelInfo[] | undefined {
  const list = asObject(body);
  if (!list || !("data" in list) || (list["data"] !== null && !Array.isArray(list["data"]))) return undefined;
  const models: ModelInfo[] = [];
  for (const value of asList(list["data"]).slice(0, LONGEST_MODEL_LIST)) {
    const entry = asObject(value);
    const id = asString(entry?.["id"]);
    if (!entry || !id) continue;
    const { contextWindow, vision } = more(entry);
    const ownedBy = asString(entry["owned_by"]);
    models.push({
      id,
      ...(ownedBy === undefined ? {} : { ownedBy }),
      ...(vision === undefined ? {} : { vision }),
      ...(contextWindow !== undefined && contextWindow > 0 ? { contextWindow } : {}),
    });
  }
  return models;
}

/** What a list may say of a model beyond its name. */
export interface ListedFacts {
  contextWindow?: number | undefined;
  vision?: boolean | undefined;
}

/** What the entries of many servers say in these words: OpenRouter's `context_length` and `architecture`, vLLM's `max_model_len`, Groq's `context_window`. */
export function commonFacts(entry: JsonObject): ListedFacts {
  const modalities = asObject(entry["architecture"])?.["input_modalities"] ?? entry["input_modalities"];
  return {
    contextWindow: asNumber(entry["context_length"]) ?? asNumber(entry["max_model_len"]) ?? asNumber(entry["context_window"]),
    vision: Array.isArray(modalities) ? modalities.includes("image") : undefined,
  };
}

/** The server's root: the base URL without its version, for the questions that a server answers outside `/v1`. */
export function originOf(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/\/v\d+$/, "");
}

/** These fields of a request, as far as it has them. */
export function pickFields(request: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (request[name] === undefined ? [] : [[name, request[name]]])));
}

/** Declares a provider; exists so that a vendor's file is checked where it stands. */
export function defineProvider(provider: Provider): Provider {
  return provider;
}

/** The parts of most chat-completions vendors: a base to spread into `defineProvider`. */
export const chatProvider = {
  dialect: "chat",
  path: (): string => "/chat/completions",
  headers: (key: string | undefined): Headers => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
} as const satisfies Partial<Provider>;
