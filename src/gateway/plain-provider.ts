// A provider that the configuration alone describes: the plain dialect at a base URL, nothing assumed of the vendor.
import { CHAT_CAPABILITIES, commonFacts, readModelList } from "../contract.ts";
import type { Dialect, Headers, Provider } from "../contract.ts";

interface Wire {
  path(model: string, stream: boolean): string;
  headers(key: string | undefined): Headers;
  /** Below the base URL, where models are listed as OpenAI does; undefined = not so. */
  models?: string;
}

const bearer = (key: string | undefined): Headers => (key === undefined ? {} : { authorization: `Bearer ${key}` });

/** Paths and headers as in the vendors' own SDKs: their base URL has `/v1` for chat and responses, and is the origin for the others. */
const WIRES: Readonly<Record<Dialect, Wire>> = {
  chat: { path: () => "/chat/completions", headers: bearer, models: "/models" },
  responses: { path: () => "/responses", headers: bearer, models: "/models" },
  messages: {
    path: () => "/v1/messages",
    headers: (key) => ({ "anthropic-version": "2023-06-01", ...(key === undefined ? {} : { "x-api-key": key }) }),
    models: "/v1/models",
  },
  gemini: {
    path: (model, stream) => `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    headers: (key) => (key === undefined ? {} : { "x-goog-api-key": key }),
  },
};

/** Makes the provider for a name, dialect and base URL. A version that the base URL already has is not doubled. */
export function plainProvider(id: string, dialect: Dialect, baseUrl: string): Provider {
  const wire = WIRES[dialect];
  const version = /\/v1(beta)?$/.exec(baseUrl)?.[0];
  const below = (path: string): string => (version !== undefined && path.startsWith(`${version}/`) ? path.slice(version.length) : path);
  return {
    id,
    dialect,
    baseUrl,
    path: (model, stream) => below(wire.path(model, stream)),
    headers: (key) => wire.headers(key),
    capabilities: () => CHAT_CAPABILITIES,
    async discover(fetch, base, headers) {
      return wire.models === undefined ? undefined : readModelList(await fetch(base + below(wire.models), headers), commonFacts);
    },
  };
}
