// Secrets are found by value, in every form in which they stand in a body, and nothing else is touched.
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { makeFindSecrets } from "../../src/journal/redact.ts";
import { redactBytes } from "../../src/journal/redact-bytes.ts";
import { isSecretName, redactHeaders, redactUrl } from "../../src/journal/redact-headers.ts";

const key = (prefix: string, length: number): string => prefix + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".repeat(5).slice(0, length);
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\nx9+/Qw==\n-----END RSA PRIVATE KEY-----";
const JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

function redact(text: string, secrets: readonly string[] = []): string {
  return redactBytes(Buffer.from(text), makeFindSecrets(secrets)).bytes.toString();
}

test.each([
  ["OpenAI", key("sk-proj-", 40)],
  ["Anthropic", key("sk-ant-api03-", 80)],
  ["Google", key("AIza", 35)],
  ["GitHub", key("ghp_", 36)],
  ["GitHub, by its command line", key("gho_", 36)],
  ["AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["Groq", key("gsk_", 52)],
  ["ours", key("wk_", 43)],
  ["a JSON web token", JWT],
  ["a private key", PEM],
])("the key of %s is taken out, and nothing beside it", (_vendor, secret) => {
  expect(redact(`before ${secret} after`)).toBe("before [redacted] after");
  expect(redact(secret)).toBe("[redacted]");
  // As JSON text, after a line break, and as JSON within JSON: a tool's arguments.
  const value = { text: `line\n${secret}\nline`, ok: "yes" };
  expect(JSON.parse(redact(JSON.stringify(value)))).toEqual({ text: "line\n[redacted]\nline", ok: "yes" });
  const nested = JSON.stringify({ arguments: JSON.stringify(value) });
  const within = JSON.parse(redact(nested)) as { arguments: string };
  expect(JSON.parse(within.arguments)).toEqual({ text: "line\n[redacted]\nline", ok: "yes" });
});

test("a key is found in a URL, after an assignment, and in coloured output", () => {
  const secret = key("sk-", 40);
  expect(redact(`OPENAI_API_KEY=${secret}`)).toBe("OPENAI_API_KEY=[redacted]");
  expect(redact(`"Authorization: Bearer%20${secret}"`)).toBe('"Authorization: Bearer%20[redacted]"');
  expect(redact(JSON.stringify(`\u001b[1;32m${secret}`))).toBe(String.raw`"\u001b[1;32m[redacted]"`);
});

test.each([
  "task-management-of-a-very-long-kind",
  "risk-assessment-and-mitigation-plan",
  "a BEGIN TRANSACTION; END",
  "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEA7\n-----END CERTIFICATE-----",
  "chunk_0123456789abcdef0123456789abcdef",
  "highp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "the config.eyJx is short",
])("%j is no secret", (text) => {
  expect(redact(text)).toBe(text);
});

test("images and sealed state in base64 come through untouched", () => {
  for (const encoding of ["base64", "base64url"] as const) {
    const bytes = randomBytes(3_000_000);
    const body = `{"image_url":"data:image/png;base64,${bytes.toString(encoding)}"}`;
    expect(redact(body) === body).toBe(true);
  }
});

test("a configured key is taken out by value, whatever it looks like, in every form", () => {
  const secret = 'p4ss"wörd\\of/mine';
  const text = `plain ${secret}, json ${JSON.stringify(secret)}, nested ${JSON.stringify(JSON.stringify(secret))}, url ?k=${encodeURIComponent(secret)}`;
  const out = redact(text, ["hunter-2-hunter-2", secret]);
  expect(out).toBe(String.raw`plain [redacted], json "[redacted]", nested "\"[redacted]\"", url ?k=[redacted]`);
  // Within a word too, where a mere pattern would have to hold back.
  expect(redact("xxhunter-2-hunter-2xx", ["hunter-2-hunter-2"])).toBe("xx[redacted]xx");
  expect(redact(`xx${key("sk-", 30)}xx`, [key("sk-", 30)])).toBe("xx[redacted]xx");
});

test("what stands for no key at all is no secret", () => {
  const text = "lm-studio ollama not-needed none";
  expect(redact(text, ["lm-studio", "ollama", "not-needed", "none", ""])).toBe(text);
});

test("a secret is found wherever it lies in a large body", () => {
  const secret = key("sk-", 48);
  const find = makeFindSecrets([]);
  // The body is searched in windows of 256 KB that overlap: secrets astride every one of their edges.
  for (let at = 200_000; at < 600_000; at += 997) {
    const bytes = Buffer.alloc(700_000, "word ");
    bytes.write(` ${secret} `, at);
    const redacted = redactBytes(bytes, find);
    expect([redacted.bytes.length, redacted.bytes.includes("sk-aB"), redacted.count(0, bytes.length)]).toEqual([
      bytes.length - secret.length + "[redacted]".length,
      false,
      1,
    ]);
  }
});

test("a word is not taken for a key where a window of the search begins in it", () => {
  const word = `"Qzx${key("AIza", 35)}`;
  // 43 is prime: over so many windows their edges fall on every place of the word.
  expect(word.length).toBe(43);
  const bytes = Buffer.alloc(11_000_000, word);
  expect(redactBytes(bytes, makeFindSecrets([])).count(0, bytes.length)).toBe(0);
});

test.each([
  "authorization",
  "x-api-key",
  "Api-Key",
  "x-goog-api-key",
  "cookie",
  "set-cookie",
  "proxy-authorization",
  "x-amz-security-token",
])("a header named %s is secret", (name) => expect(isSecretName(name)).toBe(true));

test.each([
  "cf-access-jwt-assertion",
  "x-auth",
  "x-hub-signature",
  "client_secret",
  "accessToken",
  "x-my-password",
  "X-CSRF-Token",
  "apikey",
])("so is one named %s", (name) => expect(isSecretName(name)).toBe(true));

test.each(["content-type", "session-id", "user-agent", "x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-limit", "author"])(
  "one named %s is not",
  (name) => expect(isSecretName(name)).toBe(false),
);

test("headers keep their order and lose only secret values", () => {
  const headers = [
    ["host", "a"],
    ["authorization", "Bearer abc"],
    ["x", "y"],
  ] as const;
  expect(redactHeaders(headers)).toEqual([
    ["host", "a"],
    ["authorization", "[redacted]"],
    ["x", "y"],
  ]);
});

test("a URL loses secret parameters and user names", () => {
  expect(redactUrl("POST /v1beta/models/m:generateContent?alt=sse&key=abc&x=1")).toBe(
    "POST /v1beta/models/m:generateContent?alt=sse&key=[redacted]&x=1",
  );
  expect(redactUrl("https://me:pass@host/v1?access_token=t#f")).toBe("https://[redacted]@host/v1?access_token=[redacted]#f");
});
