// The routes, on Hono. Promises that every handler writes to the exchange's own reply, so that no request or reply passes through
// web streams, and that what is not a route is answered in OpenAI's error shape too.
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import type { Context } from "hono";
import type { Config } from "../config/config.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { fault } from "../hub/fault.ts";
import { answer, answerFault, answerJson } from "./answer.ts";
import { answerDefect } from "./defect.ts";
import type { Exchange, Handler, Route } from "./exchange.ts";
import { LATER_ROUTES } from "./later-routes.ts";
import { isFresh } from "./not-modified.ts";
import { stateRoutes } from "./state-routes.ts";
import { takeTurn } from "./take-turn.ts";
import { unknownRoute } from "./unknown-route.ts";

/** What the server puts beside Hono's request. */
export interface AppBindings {
  exchange: Exchange;
}

/** What the routes need of the rest. */
export interface AppOptions {
  gateway: Gateway;
  limits: Config["limits"];
  /** How many WebSockets are open. */
  openSockets: () => number;
}

type AppContext = Context<{ Bindings: AppBindings }>;
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const MODEL_PATH = "/v1/models/";

/** The app: give each request to its `fetch` with an exchange as environment. */
export function createApp({ gateway, limits, openSockets }: AppOptions): Hono<{ Bindings: AppBindings }> {
  const app = new Hono<{ Bindings: AppBindings }>();
  const on: Route = (method, path, handler) => void app.on(method, path, (context) => handle(context, handler));

  on("POST", "/v1/responses", (exchange) => void takeTurn(exchange, "responses", gateway, limits));
  on("POST", "/v1/responses/compact", (exchange) => void takeTurn(exchange, "responses", gateway, limits, "compact"));
  stateRoutes(on, gateway, limits);
  on("GET", "/v1/models", (exchange) => listModels(exchange, gateway));
  on("GET", "/v1/models/:id{.+}", (exchange) => showModel(exchange, gateway));
  on("GET", "/health", ({ reply }) => answerJson(reply, 200, '{"status":"ok"}'));
  on("GET", "/ready", ({ reply }) => {
    if (gateway.ready()) answerJson(reply, 200, '{"status":"ready"}');
    else answerJson(reply, 503, '{"status":"draining"}');
  });
  on("GET", "/metrics", ({ reply }) => answer(reply, 200, METRICS_TYPE, gateway.metrics({ openSockets: openSockets() })));

  app.notFound((context) =>
    handle(context, ({ reply, method, path }) => {
      const unknown = unknownRoute(method, path, app.routes, LATER_ROUTES);
      answerFault(reply, unknown.fault, unknown.headers);
    }),
  );
  app.onError((error, context) => handle(context, (exchange) => answerDefect(exchange, error)));
  return app;
}

/** Runs a handler. Hono and its adapter only learn that the reply is none of their business. */
function handle(context: AppContext, handler: Handler): Response | Promise<Response> {
  const running = handler(context.env.exchange);
  return running === undefined ? RESPONSE_ALREADY_SENT : running.then(() => RESPONSE_ALREADY_SENT);
}

async function listModels({ reply, head }: Exchange, gateway: Gateway): Promise<void> {
  const { etag, body } = await gateway.models(head.headers);
  if (!isFresh(head.headers["if-none-match"], etag)) return answerJson(reply, 200, body, { etag });
  reply.start(304, { etag });
  reply.end();
}

async function showModel({ reply, path }: Exchange, gateway: Gateway): Promise<void> {
  const id = decoded(path.slice(MODEL_PATH.length));
  const model = id === undefined ? undefined : await gateway.model(id);
  if (model !== undefined) return answerJson(reply, 200, JSON.stringify(model));
  const name = (id ?? "").slice(0, 200);
  const message = `The model \`${name}\` is not in the list of GET /v1/models.`;
  answerFault(reply, fault("not_found", message, { code: "model_not_found", param: "model" }));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
