// The body that a known provider gets for a Responses request: the way of a turn up to the wire, without gateway or socket.
import { providers } from "../../providers/index.ts";
import { chatSpeaker } from "../../src/dialects/chat/index.ts";
import { readRequest } from "../../src/dialects/responses/read-request.ts";
import { makeTarget } from "../../src/gateway/route.ts";
import { LossList } from "../../src/hub/loss.ts";
import { lowerTools } from "../../src/hub/lower-tools.ts";
import type { Unseal } from "../../src/hub/seal.ts";
import type { JsonObject } from "../../src/kit/json.ts";
import { asObject, parseJson } from "../../src/kit/json.ts";

/** What goes upstream, and the losses declared on the way as `kind feature`. */
export interface ChatBody {
  body: JsonObject;
  losses: string[];
}

/** The seal of a reasoning item in these tests: the state itself, owned by whom it names. */
export function sealed(owner: string, data: JsonObject): string {
  return JSON.stringify({ owner, data });
}

const unseal: Unseal = (token) => {
  const seal = asObject(parseJson(token));
  const data = asObject(seal?.["data"]);
  if (typeof seal?.["owner"] !== "string" || data === undefined) return { state: "foreign" };
  return { state: "ours", content: { owner: seal["owner"], dialect: "chat", model: "m", kind: "reasoning", data } };
};

/** Writes a request for a model of a known provider. */
export function chatBody(id: string, model: string, request: JsonObject): ChatBody {
  const provider = providers.find((known) => known.id === id);
  if (provider === undefined) throw new Error(`no provider ${id}`);
  const resolved = { id, provider, baseUrl: provider.baseUrl, headers: {} };
  const target = makeTarget(model, model, {
    resolved,
    capabilities: {},
    quirks: {},
    models: [],
    local: false,
    addressable: true,
    listed: false,
  });
  const { capabilities, quirks } = target;
  const losses = new LossList();
  const read = readRequest({ model, store: false, ...structuredClone(request) }, losses);
  const stream = quirks.upstreamStream === "as_client" ? read.stream : quirks.upstreamStream === "always";
  const tools = lowerTools(read, capabilities, losses);
  const body = chatSpeaker.writeRequest({ request: read, model, stream, tools, capabilities, quirks, owner: id, unseal, losses });
  return { body, losses: losses.list().map((loss) => `${loss.kind} ${loss.feature}`) };
}
