// A turn's request made ready for one target: tools lowered, body written. Promises that it depends on nothing but the
// request and the target, so that a fallback starts from the same place.
import { chatSpeaker } from "../dialects/chat/index.ts";
import type { Speaker } from "../dialects/dialect.ts";
import type { Dialect, Headers } from "../contract.ts";
import { FaultError, fault } from "../hub/fault.ts";
import type { LossList } from "../hub/loss.ts";
import type { LoweredTools } from "../hub/lower-tools.ts";
import { lowerTools } from "../hub/lower-tools.ts";
import { askedFormat, asksLogprobs, formatStyle, uncheckedSchema } from "../hub/output-format.ts";
import type { HubRequest } from "../hub/request.ts";
import type { Unseal } from "../hub/seal.ts";
import type { JsonObject } from "../kit/json.ts";
import type { Target } from "./target.ts";
import type { UpstreamRequest } from "./upstream.ts";

/** All that an attempt sends and needs to read the reply. */
export interface Prepared {
  speaker: Speaker;
  request: UpstreamRequest;
  stream: boolean;
  tools: LoweredTools;
  /** Whether the client is to see log probabilities. */
  logprobs: boolean;
  /** What the answer must be checked against, because the target is only asked for it in words; null = nothing. */
  schema: JsonObject | null;
}

/** The dialects that we speak so far. */
const SPEAKERS: Readonly<Partial<Record<Dialect, Speaker>>> = { chat: chatSpeaker };

/** Prepares a request. Throws a FaultError where the target cannot be served at all. */
export async function prepare(request: HubRequest, target: Target, unseal: Unseal, losses: LossList): Promise<Prepared> {
  const { provider, baseUrl, key, headers } = target.provider;
  const speaker = SPEAKERS[provider.dialect];
  if (speaker === undefined) {
    throw new FaultError(
      fault(
        "invalid_request",
        `The provider \`${target.provider.id}\` speaks ${provider.dialect}, which this version of Waystation does not speak yet; it speaks chat.`,
        { param: "model" },
      ),
    );
  }
  const { quirks, capabilities, model } = target;
  const stream = quirks.upstreamStream === "as_client" ? request.stream : quirks.upstreamStream === "always";
  const tools = lowerTools(request, capabilities, losses);
  const style = formatStyle(capabilities, tools.tools.length > 0);
  const body = speaker.writeRequest({ request, model, stream, tools, capabilities, quirks, owner: target.provider.id, unseal, losses });
  return {
    speaker,
    request: {
      url: baseUrl + provider.path(model, stream, baseUrl),
      headers: await requestHeaders(provider.headers(key), headers, stream),
      body: Buffer.from(JSON.stringify(body)),
    },
    stream,
    tools,
    logprobs: asksLogprobs(request),
    schema: uncheckedSchema(askedFormat(request), style),
  };
}

/** The headers of a model call: ours, those of the provider, and the user's own, which win. */
export async function requestHeaders(provider: Headers | Promise<Headers>, own: Headers, stream: boolean): Promise<Headers> {
  return {
    "content-type": "application/json",
    accept: stream ? "text/event-stream" : "application/json",
    "accept-encoding": "identity",
    "user-agent": "waystation",
    ...(await provider),
    ...own,
  };
}
