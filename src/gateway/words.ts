// What we add to a fault before a client reads it: whose key or address it is about, and nothing secret. Pure.
import { FaultError, fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import { secretsOfProvider, withoutSecrets } from "./secrets.ts";
import type { Target } from "./target.ts";

/** What was thrown, as a fault: a FaultError is a refusal, anything else our own mistake, and the client still gets its end. */
export function faultOf(error: unknown, turn: string): Fault {
  if (error instanceof FaultError) return error.fault;
  return fault("server", `Waystation failed: ${error instanceof Error ? error.message : String(error)}. The log has the turn ${turn}.`);
}

/** The fault as this client should read it, with a hint of what to set right. */
export function explain(failure: Fault, target: Target | null, profile: Profile): Fault {
  const secrets = target === null ? [] : secretsOfProvider(target.provider);
  const message = withoutSecrets(failure.message, secrets) + hint(failure, target);
  const param = failure.param === null ? null : withoutSecrets(failure.param, secrets);
  // Codex replaces the message of a 500 by one of its own, and shows that of a 502 (measured with 0.169): same meaning, same retries.
  const status = profile.hidesStatus500 && failure.status === 500 ? 502 : failure.status;
  return { ...failure, message, param, status };
}

function hint(failure: Fault, target: Target | null): string {
  if (target === null || !failure.upstream) return "";
  const { id, key, provider } = target.provider;
  if (failure.kind === "authentication" || failure.kind === "permission") {
    const where = provider.keyEnv === undefined ? `providers.${id}.key` : `providers.${id}.key (or ${provider.keyEnv})`;
    return key === undefined
      ? ` (The provider \`${id}\` wants a key and has none: set ${where}.)`
      : ` (The provider \`${id}\` refused the key in ${where}.)`;
  }
  if (failure.kind === "model_not_found" || failure.kind === "not_found")
    return ` (Said by the provider \`${id}\` about its model \`${target.model}\`.)`;
  return "";
}
