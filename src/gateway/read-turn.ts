// From a body to the request that a model can be asked: what is stored goes before it, compactions are opened, calls and outputs paired.
// Promises one reading for turns, counts and compactions.
import { readRequest } from "../dialects/responses/read-request.ts";
import type { StoredContext } from "../dialects/responses/stored.ts";
import type { LossList } from "../hub/loss.ts";
import { repairItems } from "../hub/repair.ts";
import type { HubRequest } from "../hub/request.ts";
import type { Json } from "../kit/json.ts";
import { raiseCompactions } from "./compaction/raise.ts";
import type { Services } from "./services.ts";

/** What a reading needs beside the body, which it consumes. */
export interface ReadTurnOptions {
  services: Pick<Services, "config" | "keyRing">;
  stored: StoredContext | undefined;
  losses: LossList;
  /** The whole is to be compacted. */
  compacts?: true;
  /** False: no model is to be asked. */
  generate?: boolean;
}

/** Reads. Throws a FaultError. */
export function readTurn(body: Json, { services, stored, losses, compacts, generate }: ReadTurnOptions): HubRequest {
  const request = readRequest(body, losses, {
    strict: services.config.strict,
    ...(stored === undefined ? {} : { stored }),
    ...(compacts === undefined ? {} : { compacts }),
    ...(generate === undefined ? {} : { generate }),
  });
  const raised = raiseCompactions(request.input, services.keyRing.unseal);
  // A hand-over tells which calls are open; a model that goes on must not see any.
  request.input = request.compaction?.when === "now" ? raised : repairItems(raised, losses);
  return request;
}
