// The routes of stored responses and conversations. Promises that whatever the gateway refuses is answered as the fault that it is, and
// that a defect of ours ends this one exchange and nothing else.
import type { Limits } from "../config/config.ts";
import { readIncludeQuery, readPageQuery, readResponseQuery } from "../dialects/responses/read-query.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { parseBody } from "../gateway/parse-body.ts";
import { FaultError } from "../hub/fault.ts";
import type { Json } from "../kit/json.ts";
import { answerFault, answerJson } from "./answer.ts";
import { answerDefect } from "./defect.ts";
import type { Exchange, Route } from "./exchange.ts";
import { takeBody, turnRequest } from "./take-turn.ts";

/** What a route knows of its request. */
interface Asked {
  exchange: Exchange;
  owner: string;
  /** The variable segments of the path, decoded. */
  names: [string, string];
  query: URLSearchParams;
}

/** Gives the JSON to answer with; undefined where it has answered. */
type Answer = (asked: Asked) => Promise<string | Uint8Array | undefined>;

/** Adds them all. */
export function stateRoutes(on: Route, gateway: Gateway, limits: Limits): void {
  const { responses, conversations } = gateway;
  const add = (method: string, path: string, answer: Answer): void => on(method, path, (exchange) => run(exchange, path, answer));

  add("POST", "/v1/responses/input_tokens", async ({ exchange }) => {
    const body = await takeBody(exchange, limits);
    if (!body.ok) throw new FaultError(body.fault);
    const count = await gateway.countInput(turnRequest(exchange, "responses", body.bytes));
    answerJson(exchange.reply, 200, count.body, count.headers);
    return undefined;
  });
  add("GET", "/v1/responses/:id", async ({ exchange, owner, names: [id], query }) => {
    const { include, stream } = readResponseQuery(query);
    if (stream === null) return responses.read(owner, id, include);
    await responses.stream(owner, id, stream, exchange.reply);
    return undefined;
  });
  add("DELETE", "/v1/responses/:id", ({ owner, names: [id] }) => responses.remove(owner, id));
  add("POST", "/v1/responses/:id/cancel", ({ owner, names: [id] }) => responses.cancel(owner, id));
  add("GET", "/v1/responses/:id/input_items", async ({ owner, names: [id], query }) =>
    responses.inputItems(owner, id, readPageQuery(query), readIncludeQuery(query)),
  );

  add("POST", "/v1/conversations", async ({ exchange, owner }) => conversations.create(owner, await bodyOf(exchange, limits)));
  add("GET", "/v1/conversations/:id", ({ owner, names: [id] }) => conversations.read(owner, id));
  add("POST", "/v1/conversations/:id", async ({ exchange, owner, names: [id] }) =>
    conversations.update(owner, id, await bodyOf(exchange, limits)),
  );
  add("DELETE", "/v1/conversations/:id", ({ owner, names: [id] }) => conversations.remove(owner, id));
  add("POST", "/v1/conversations/:id/items", async ({ exchange, owner, names: [id], query }) =>
    conversations.add(owner, id, await bodyOf(exchange, limits), readIncludeQuery(query)),
  );
  add("GET", "/v1/conversations/:id/items", async ({ owner, names: [id], query }) =>
    conversations.items(owner, id, readPageQuery(query), readIncludeQuery(query)),
  );
  add("GET", "/v1/conversations/:id/items/:item", async ({ owner, names: [id, item], query }) =>
    conversations.item(owner, id, item, readIncludeQuery(query)),
  );
  add("DELETE", "/v1/conversations/:id/items/:item", ({ owner, names: [id, item] }) => conversations.removeItem(owner, id, item));
}

async function run(exchange: Exchange, path: string, answer: Answer): Promise<void> {
  const { reply, target, owner } = exchange;
  try {
    const at = target.indexOf("?");
    const query = new URLSearchParams(at === -1 ? "" : target.slice(at + 1));
    const body = await answer({ exchange, owner, names: namesOf(path, exchange.path), query });
    if (body !== undefined) answerJson(reply, 200, body);
  } catch (error) {
    if (error instanceof FaultError && !reply.started) answerFault(reply, error.fault);
    else answerDefect(exchange, error);
  }
}

/** The segments of a path that stand where the pattern has `:name`. */
function namesOf(pattern: string, path: string): [string, string] {
  const given = path.split("/");
  const names = pattern.split("/").flatMap((segment, index) => (segment.startsWith(":") ? [decoded(given[index] ?? "")] : []));
  return [names[0] ?? "", names[1] ?? ""];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The body as JSON; none at all is an empty object. */
async function bodyOf(exchange: Exchange, limits: Limits): Promise<Json> {
  const body = await takeBody(exchange, limits);
  if (!body.ok) throw new FaultError(body.fault);
  if (body.bytes.length === 0) return {};
  const parsed = parseBody(body.bytes);
  if (!parsed.ok) throw new FaultError(parsed.fault);
  return parsed.body;
}
