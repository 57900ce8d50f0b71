// What we add to a fault before a client reads it: whose key or address it is about, and nothing secret. Pure.
import type { Fault } from "../hub/fault.ts";
import type { Profile } from "../dialects/responses/profile.ts";
import type { Target } from "./target.ts";

const KEY_LIKE = /\b(?:sk-(?:ant-|or-|proj-)?|gsk_|xai-|AIza|wk_|hf_|nvapi-|pplx-|Bearer\s+)[A-Za-z0-9_*-]{6,}(?:\.[A-Za-z0-9_*-]+)*/g;

/** Takes key-like words, and the target's own key, out of a message. */
export function withoutSecrets(message: string, key: string | undefined): string {
  const known = key === undefined || key.length < 4 ? message : message.replaceAll(key, "[redacted]");
  return known.replace(KEY_LIKE, "[redacted]");
}

/** The fault as this client should read it, with a hint of what to set right. */
export function explain(failure: Fault, target: Target | null, profile: Profile): Fault {
  const key = target?.provider.key;
  const message = withoutSecrets(failure.message, key) + hint(failure, target);
  // Codex replaces the message of a 500 by one of its own, and shows that of a 502 (measured with 0.169): same meaning, same retries.
  const status = profile.hidesStatus500 && failure.status === 500 ? 502 : failure.status;
  return { ...failure, message, status };
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
