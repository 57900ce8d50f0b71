// Takes secrets out of headers and URLs by name, on the caller's side of the queue. Promises to fail closed: a name with
// one segment that smells of a credential loses its whole value, and nothing of the value is kept.

/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

type Header = readonly [string, string];

// One segment of a name (split at everything but letters and digits). Plurals such as `tokens` stay: rate limits are told in them.
const SECRET_SEGMENT =
  /^(?:x?auth|auth[nz]|authentication|authorization|oauth\d?|bearer|\w*(?:apikey|key)s?|\w*(?:token|secret|cookie|jwt|signature|password|credential)\d?|cookies|secrets|credentials|sig|passwd|passphrase|pwd|assertion|otp|csrf|xsrf|saml|ssn)$/;

const MOST_NAMES = 2000;
const known = new Map<string, boolean>();

/** Whether a header or query parameter of this name may carry a secret. */
export function isSecretName(name: string): boolean {
  const seen = known.get(name);
  if (seen !== undefined) return seen;
  const secret = name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .some((segment) => SECRET_SEGMENT.test(segment));
  // Names come from clients: the memory of them is bounded.
  if (known.size >= MOST_NAMES) known.clear();
  known.set(name, secret);
  return secret;
}

/** The same headers, the values of secret ones replaced; the very same list where there are none. */
export function redactHeaders(headers: readonly Header[]): readonly Header[] {
  for (const [name] of headers) {
    if (isSecretName(name)) return headers.map((header) => (isSecretName(header[0]) ? [header[0], REDACTED] : header));
  }
  return headers;
}

/** A URL, or a start line that holds one, with the values of secret query parameters and any user information replaced. */
export function redactUrl(text: string): string {
  let out = text;
  if (out.includes("@")) out = out.replace(/(:\/\/)[^/?#\s@]*@/, `$1${REDACTED}@`);
  if (!out.includes("?")) return out;
  return out.replace(/([?&;])([^=&;#\s]+)=([^&;#\s]*)/g, (whole, mark: string, name: string) =>
    isSecretName(name) ? `${mark}${name}=${REDACTED}` : whole,
  );
}
