// Finds secrets in bytes by value: the keys that the configuration knows, and what looks like a key, token or private key.
// Promises linear time, one cheap pass where nothing is found, and that base64 data is left alone. What a model streams in
// small deltas is found where it stands whole, not across deltas.

/** Start and end offsets, in order, not overlapping: [start, end, start, end, ...]. */
export type Ranges = number[];

/** Looks through text in which every character stands for one byte (latin1), or through any other text. */
export type FindSecrets = (text: string) => Ranges;

// A key begins where no word ends: after an escape (`\n`, `\u001b`), a colour sequence or a percent escape there is none either.
const EDGE = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrtv])|(?<=\\u[0-9A-Fa-f]{4})|(?<=\[[0-9;]{0,12}m)|(?<=%[0-9A-Fa-f]{2}))`;
const PEM_NAME = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----";
const PEM_BODY = String.raw`(?:[A-Za-z0-9+/=\s:,.]|\\+[nrt/]|-(?!----)){0,15000}`;

interface Rule {
  /** How far before the anchor the secret begins; "jwt" = at the first `eyJ` of the run of token characters before it. */
  back: number | "jwt";
  pattern: RegExp;
}

const sticky = (back: Rule["back"], source: string): Rule => ({ back, pattern: new RegExp(source, "y") });

// What the fast pass looks for: a few characters that are rare in JSON and prose. Each alternative more is paid by every
// byte that is logged, so that forms which the configuration does not use and nobody else knows stand here only if common.
const ANCHORS = String.raw`k[-_][A-Za-z0-9_-]{16}|h[pousr]_[A-Za-z0-9]{16}|AIza[A-Za-z0-9_-]{16}|A[KS]IA[A-Z0-9]{12}|BEGIN [A-Z]|\.eyJ[A-Za-z0-9_-]{4}`;

const RULES: readonly Rule[] = [
  sticky(1, String.raw`${EDGE}(?:sk-[A-Za-z0-9_-]{16,4096}|[swr]k_[A-Za-z0-9_-]{16,4096})`),
  sticky(2, String.raw`${EDGE}gsk_[A-Za-z0-9]{16,4096}`),
  sticky(1, String.raw`${EDGE}gh[pousr]_[A-Za-z0-9]{30,255}`),
  sticky(0, String.raw`${EDGE}AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])`),
  sticky(0, String.raw`${EDGE}A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9_-])`),
  sticky(5, `-----BEGIN ${PEM_NAME}${PEM_BODY}(?:-----END ${PEM_NAME})?`),
  sticky("jwt", String.raw`eyJ[A-Za-z0-9_-]{8,2048}\.eyJ[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]{16,2048}`),
];

// Shorter ones are found by header name only: as text they would blacken harmless words.
const SHORTEST_SECRET = 8;
// What people write where a local server wants no key: `lm-studio`, `not-needed`.
const PLACEHOLDER = /^[a-z .-]{0,15}$/;

/** Makes the finder for these secrets and all that looks like one. */
export function makeFindSecrets(secrets: readonly string[]): FindSecrets {
  const exact = secrets.filter((secret) => secret.length >= SHORTEST_SECRET && !PLACEHOLDER.test(secret)).flatMap(formsOf);
  const shapes = new RegExp(ANCHORS);
  const anchored = exact.map((text) => ({ text, back: text.search(shapes) }));
  const literals = anchored.filter((secret) => secret.back < 0).map((secret) => escapePattern(secret.text));
  const anchors = new RegExp([...literals, ANCHORS].join("|"), "g");

  const endOf = (text: string, at: number): [number, number] | undefined => {
    for (const { text: secret, back } of anchored) {
      const start = at - Math.max(back, 0);
      if (start >= 0 && text.startsWith(secret, start)) return [start, start + secret.length];
    }
    for (const { back, pattern } of RULES) {
      const start = back === "jwt" ? jwtStart(text, at) : at - back;
      if (start < 0) continue;
      pattern.lastIndex = start;
      if (pattern.test(text)) return [start, pattern.lastIndex];
    }
    return undefined;
  };

  return (text) => {
    const ranges: Ranges = [];
    anchors.lastIndex = 0;
    for (let match = anchors.exec(text); match !== null; match = anchors.exec(text)) {
      const found = endOf(text, match.index);
      anchors.lastIndex = found === undefined ? match.index + 1 : found[1];
      if (found !== undefined) pushRange(ranges, found[0], found[1]);
    }
    return ranges;
  };
}

function pushRange(ranges: Ranges, start: number, end: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && start < last) ranges[ranges.length - 1] = Math.max(end, last);
  else ranges.push(start, end);
}

/** The forms in which a secret stands in a body: plain, as JSON text, as JSON text within JSON text, in a URL; as latin1 bytes too. */
function formsOf(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, escaped, JSON.stringify(escaped).slice(1, -1), encodeURIComponent(secret.toWellFormed())];
  return [...new Set([...forms, ...forms.map((form) => Buffer.from(form, "utf8").toString("latin1"))])].toSorted(
    (a, b) => b.length - a.length,
  );
}

const LONGEST_WORD = 2048;

function jwtStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start < LONGEST_WORD && isTokenCharacter(text.charCodeAt(start - 1))) start -= 1;
  const offset = text.slice(start, at).indexOf("eyJ");
  return offset < 0 ? -1 : start + offset;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function isTokenCharacter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 45 || code === 95;
}
