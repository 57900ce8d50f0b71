// The secrets of a provider, and how they are taken out of words on their way to a client. Pure. Promises that neither a secret nor the
// beginning of one at which a message was cut is left.
import { isSecretName, REDACTED } from "../journal/redact-headers.ts";
import type { ResolvedProvider } from "./target.ts";

/** What looks like somebody's key. */
const KEY_LIKE = /\b(?:sk-(?:ant-|or-|proj-)?|gsk_|xai-|AIza|wk_|hf_|nvapi-|pplx-|Bearer\s+)[A-Za-z0-9_*-]{6,}(?:\.[A-Za-z0-9_*-]+)*/g;

/** Shorter ones would blacken harmless words. */
const SHORTEST_SECRET = 4;
/** A beginning of a secret from which on it is worth hiding. */
const SHORTEST_BEGINNING = 8;

/** A provider's key, and what the user's own headers to it hold of secrets, with and without the name of a scheme before them. */
export function secretsOfProvider({ key, headers }: Pick<ResolvedProvider, "key" | "headers">): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (isSecretName(name) ? [value, value.replace(/^\S+\s+/, "")] : []));
  const all = new Set([...(key === undefined ? [] : [key]), ...values].filter((secret) => secret.length >= SHORTEST_SECRET));
  return [...all].toSorted((one, other) => other.length - one.length);
}

/** The text without these secrets, and without what looks like a key. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = withoutBeginning(clean.replaceAll(secret, REDACTED), secret);
  return clean.replace(KEY_LIKE, REDACTED);
}

/** Messages are cut after some hundred characters, which may be inside a secret. */
function withoutBeginning(text: string, secret: string): string {
  const end = text.replace(/(?:\.\.\.|…)$/, "");
  for (let length = secret.length - 1; length >= SHORTEST_BEGINNING; length -= 1) {
    if (end.endsWith(secret.slice(0, length))) return `${end.slice(0, -length)}${REDACTED}`;
  }
  return text;
}
