// What a client reads of a fault: the vendor's words, a hint of what to set right, and no secret.
import { describe, expect, test } from "vitest";
import { clientProfile } from "../../src/dialects/responses/profile.ts";
import { explain } from "../../src/gateway/words.ts";
import { fault } from "../../src/hub/fault.ts";
import { target } from "./fake-target.ts";

const codex = clientProfile({ originator: "codex_exec" });
const other = clientProfile({});
const KEY = "canary-0123456789abcdef";

describe("secrets", () => {
  test.each([
    `Incorrect API key provided: ${KEY}.`,
    `The header was Bearer ${KEY}`,
    "Incorrect API key provided: sk-proj-abcdefghijkl. You can find yours at https://a.example.",
    "Keys: sk-ant-REDACTED, sk-or-v1-0123456789, gsk_abcdefgh12, xai-abcdefgh, AIzaSyabcdefgh, hf_abcdefgh, nvapi-abcdefgh, wk_abcdefgh",
  ])("%s", (message) => {
    const told = explain(fault("server", message), target({ key: KEY }), other).message;
    expect(told).not.toContain(KEY);
    expect(told).not.toMatch(/sk-[a-z0-9-]{6}|gsk_|xai-a|AIzaSy|hf_a|nvapi-a|wk_a/);
    expect(told).toContain("[redacted]");
  });

  test("in a parameter too", () => {
    expect(explain(fault("server", "x", { param: `headers.${KEY}` }), target({ key: KEY }), other).param).toBe("headers.[redacted]");
  });

  test("harmless words stay", () => {
    const message = "The task-list of the desk-top model is risk-free: ask-me.";
    expect(explain(fault("server", message), target({ key: KEY }), other).message).toBe(message);
  });
});

describe("hints", () => {
  test("whose key, and where it is set", () => {
    const refused = fault("authentication", "Nope.", { upstream: true });
    expect(explain(refused, target({ key: KEY }), other).message).toBe(
      "Nope. (The provider `acme` refused the key in providers.acme.key.)",
    );
    expect(explain(refused, target({ key: KEY, keyEnv: "ACME_KEY" }), other).message).toBe(
      "Nope. (The provider `acme` refused the key in providers.acme.key (or ACME_KEY).)",
    );
    expect(explain(refused, target({}), other).message).toBe(
      "Nope. (The provider `acme` wants a key and has none: set providers.acme.key.)",
    );
  });

  test("whose model", () => {
    expect(explain(fault("model_not_found", "No such model.", { upstream: true }), target({}), other).message).toBe(
      "No such model. (Said by the provider `acme` about its model `upstream-m`.)",
    );
  });

  test("none for our own words, nor without a target", () => {
    expect(explain(fault("model_not_found", "No such model."), target({}), other).message).toBe("No such model.");
    expect(explain(fault("authentication", "Nope.", { upstream: true }), null, other).message).toBe("Nope.");
  });
});

test("a client that hides what a 500 says is told 502; any other the truth", () => {
  expect(explain(fault("server", "x"), null, codex).status).toBe(502);
  expect(explain(fault("server", "x"), null, other).status).toBe(500);
  expect(explain(fault("overloaded", "x", { status: 529 }), null, codex).status).toBe(529);
});
