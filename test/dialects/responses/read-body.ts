// Reads a body as the tests of the reader want it: with a model and an input, and judged against the hub's types.
import { expect } from "vitest";
import { readRequest } from "../../../src/dialects/responses/read-request.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { HubRequest } from "../../../src/hub/request.ts";
import type { JsonObject } from "../../../src/kit/json.ts";
import { misshapen } from "./hub-shape.ts";

/** The hub request of a body, and its losses as the header says them. */
export function readBody(body: JsonObject): { request: HubRequest; losses: string } {
  const losses = new LossList();
  const request = readRequest({ model: "m", input: "hi", ...body }, losses);
  expect(misshapen(request)).toEqual([]);
  return { request, losses: losses.header() };
}
