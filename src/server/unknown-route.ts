// What is said to a request that no route takes: the methods that its path does have, or the route that was probably meant.
import { nearest } from "../config/suggest.ts";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { LaterRoute } from "./later-routes.ts";

/** A route by its method and Hono pattern. */
export interface KnownRoute {
  method: string;
  path: string;
}

/** A fault, and the headers that go with it. */
export interface UnknownRouteAnswer {
  fault: Fault;
  headers: Record<string, string>;
}

/** A sentence where the route is planned, 405 where the path is known with other methods, else 404. */
export function unknownRoute(method: string, path: string, live: readonly KnownRoute[], later: readonly LaterRoute[]): UnknownRouteAnswer {
  const planned = later.filter((route) => matches(route.path, path));
  const asked = planned.find((route) => route.methods.includes(method === "HEAD" ? "GET" : method));
  if (asked !== undefined) return { fault: fault("not_found", asked.sentence), headers: {} };
  const methods = new Set(planned.flatMap((route) => route.methods));
  for (const route of live) if (matches(route.path, path)) methods.add(route.method);
  if (methods.has("GET")) methods.add("HEAD");
  const shown = path.slice(0, 200).replace(/[^\x21-\x7e]/g, "?");
  if (methods.size > 0) {
    const allow = [...methods].toSorted().join(", ");
    const message = `${method} is not a method of ${shown}; it takes ${allow}.`;
    return { fault: fault("invalid_request", message, { status: 405, code: "method_not_allowed" }), headers: { allow } };
  }
  const meant = likelyRoute(method, path, live);
  const advice = meant === undefined ? "The API is under /v1, as POST /v1/responses." : `Did you mean ${meant.method} ${meant.path}?`;
  return { fault: fault("not_found", `There is no ${shown} here. ${advice}`), headers: {} };
}

/** Whether a pattern of literal and `:named` segments (with `{.+}` or `*` for all that follows) takes a path. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const given = path.split("/");
  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    if (segment === "*" || segment.endsWith("{.+}")) return value !== undefined && value !== "";
    if (segment.startsWith(":") ? value === undefined || value === "" : value !== segment) return false;
  }
  return given.length === wanted.length;
}

/** The route whose end the path is (or which is the path's end, as in /v1/v1/responses), else the nearest by spelling. */
function likelyRoute(method: string, path: string, routes: readonly KnownRoute[]): KnownRoute | undefined {
  if (path.length > 100) return undefined;
  const wanted = path.replace(/\/+$/, "");
  const literal = routes.filter((route) => !/[:*]/.test(route.path));
  const sameMethod = literal.filter((route) => route.method === method);
  for (const route of [...sameMethod, ...literal]) {
    if (wanted.length > 1 && (route.path.endsWith(wanted) || wanted.endsWith(route.path))) return route;
  }
  const near = nearest(wanted, new Set([...sameMethod, ...literal].map((route) => route.path)));
  return near === undefined ? undefined : [...sameMethod, ...literal].find((route) => route.path === near);
}
