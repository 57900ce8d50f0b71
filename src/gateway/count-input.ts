// How many tokens a request's input has, without asking a model. Promises the same reading of the request, history included, as a turn
// of it would have, and that the reply's headers say how the number was found.
import { readStateWish } from "../dialects/responses/stored.ts";
import type { Headers } from "../contract.ts";
import { FaultError } from "../hub/fault.ts";
import { LossList } from "../hub/loss.ts";
import type { HubRequest } from "../hub/request.ts";
import { BYTES_PER_TOKEN } from "../hub/usage.ts";
import { isObject } from "../kit/json.ts";
import { promptBytes } from "./estimate.ts";
import { Fit } from "./fit.ts";
import { parseBody } from "./parse-body.ts";
import type { TurnRequest } from "./port.ts";
import { readTurn } from "./read-turn.ts";
import type { Services } from "./services.ts";
import { fetchHistory } from "./state/history.ts";
import { countRequest } from "./tokens/count-request.ts";
import type { Counted } from "./tokens/count-request.ts";

/** What is counted where the request names no model: any name will do. */
const NO_MODEL = "none";

/** Counts. Rejects with a FaultError where a turn of this request would be refused before it reached a model. */
export async function countInput(services: Services, request: TurnRequest): Promise<{ body: string; headers: Headers }> {
  const parsed = parseBody(request.body);
  if (!parsed.ok) throw new FaultError(parsed.fault);
  const { body } = parsed;
  const { store } = services.state;
  const stored = store.keeps && isObject(body) ? await fetchHistory(store, request.owner, readStateWish(body)) : undefined;
  const model = isObject(body) ? (body["model"] ?? null) : null;
  const losses = new LossList();
  const whole = isObject(body) ? { ...body, model: model ?? NO_MODEL, input: body["input"] ?? "" } : body;
  const read = readTurn(whole, { services, stored, losses });
  const { tokens, method } = model === null ? plainCount(read) : await targetCount(services, read, losses);
  return {
    body: JSON.stringify({ object: "response.input_tokens", input_tokens: tokens }),
    headers: { ...(method === "vendor" ? {} : { "x-waystation-usage": "estimated" }), "x-waystation-usage-method": method },
  };
}

async function targetCount(services: Services, request: HubRequest, losses: LossList): Promise<Counted> {
  const route = await services.resolve(request.model);
  if ("kind" in route) throw new FaultError(route);
  const [target] = route.targets;
  if (target === undefined) return plainCount(request);
  const { prepared } = await new Fit(services, target, losses).prepare(request);
  return countRequest(services, target, prepared.request);
}

function plainCount({ instructions, input, tools }: HubRequest): Counted {
  const tokens = Math.ceil(promptBytes(Buffer.from(JSON.stringify({ instructions, input, tools }))) / BYTES_PER_TOKEN);
  return { tokens, method: "bytes" };
}
