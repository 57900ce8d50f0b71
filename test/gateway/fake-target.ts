// A chat target as the router would give it, with just what a test is about.
import type { Transport } from "../../src/contract.ts";
import { CHAT_CAPABILITIES, CHAT_QUIRKS, chatProvider, type Capabilities, type Quirks } from "../../src/contract.ts";
import type { Target } from "../../src/gateway/target.ts";

/** What is special about the target. */
export interface TargetOptions {
  key?: string;
  keyEnv?: string;
  headers?: Record<string, string>;
  transport?: Transport;
  capabilities?: Partial<Capabilities>;
  quirks?: Partial<Quirks>;
}

/** The model `m`, which is `upstream-m` at the provider `acme`. */
export function target({ key, keyEnv, headers = {}, transport, capabilities, quirks }: TargetOptions): Target {
  return {
    name: "m",
    model: "upstream-m",
    capabilities: { ...CHAT_CAPABILITIES, ...capabilities },
    quirks: { ...CHAT_QUIRKS, ...quirks },
    provider: {
      id: "acme",
      baseUrl: "http://acme.example/v1",
      headers,
      ...(key === undefined ? {} : { key }),
      provider: {
        ...chatProvider,
        id: "acme",
        baseUrl: "http://acme.example/v1",
        capabilities: () => CHAT_CAPABILITIES,
        ...(keyEnv === undefined ? {} : { keyEnv }),
        ...(transport === undefined ? {} : { transport }),
      },
    },
  };
}
