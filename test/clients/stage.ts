// What every test here stands on: a scripted upstream, the real gateway in front of it, and a fresh place for Codex in each
// test. Promises that all of it is gone after the test or the file.
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { JsonObject } from "../../src/kit/json.ts";
import { startChatScript, type ChatScript } from "../support/chat-script.ts";
import { makeCodexPlace, runCodex, type CodexOptions, type CodexPlace, type CodexRun } from "./run-codex.ts";
import { scriptedEntries, startGateway, type Gateway } from "./start-gateway.ts";

export interface Stage {
  readonly upstream: ChatScript;
  readonly gateway: Gateway;
  readonly place: CodexPlace;
  /** Runs Codex in this test's place, on the model `scripted` unless told otherwise. */
  codex(prompt: string, options?: Partial<CodexOptions>): Promise<CodexRun>;
}

/** Sets the stage for the tests of a file. `entries` makes the gateway's configuration from the upstream's URL. */
export function useStage(entries: (upstreamUrl: string) => JsonObject = scriptedEntries): Stage {
  let upstream: ChatScript | undefined;
  let gateway: Gateway | undefined;
  let place: CodexPlace | undefined;
  beforeAll(async () => {
    upstream = await startChatScript();
    gateway = await startGateway(entries(upstream.url));
  });
  afterAll(async () => {
    await gateway?.stop();
    await upstream?.close();
  });
  beforeEach(async () => {
    place = await makeCodexPlace();
  });
  afterEach(() => place?.remove());

  return {
    get upstream() {
      return set(upstream);
    },
    get gateway() {
      return set(gateway);
    },
    get place() {
      return set(place);
    },
    codex: (prompt, options = {}) => runCodex(set(place), { gateway: set(gateway).url, model: "scripted", prompt, ...options }),
  };
}

function set<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the stage is set only while tests run");
  return value;
}
