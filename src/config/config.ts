// The configuration as the rest of the program sees it: checked, with every default filled in and every `${VAR}` replaced.
import type { Dialect } from "../contract.ts";
import type { AgeRule } from "../hub/age-results.ts";
import type { Capabilities, Quirks } from "../hub/capability.ts";

/** Every bound of a turn's life. Seconds, except `retries` and `socket_lanes` (counts), `body_mb` and `stream_mb` (mebibytes, decoded). */
export interface Limits {
  commit_s: number;
  retries: number;
  retry_wait_s: number;
  connect_s: number;
  first_byte_s: number;
  idle_s: number;
  client_stall_s: number;
  client_request_s: number;
  drain_s: number;
  heartbeat_s: number;
  body_mb: number;
  stream_mb: number;
  socket_s: number;
  socket_idle_s: number;
  socket_lanes: number;
}

/** How much of a turn is written to the log: everything, no bodies, or nothing at all. */
export type Capture = "full" | "metadata" | "off";

/** One entry of `providers`: a name of the user's own, of a known kind or described here alone. */
export interface ProviderConfig {
  /** The known provider that this is one of (`providers/<kind>`); undefined = described by this entry alone. */
  kind?: string;
  dialect?: Dialect;
  base_url?: string;
  key?: string;
  headers?: Record<string, string>;
  capabilities: Partial<Capabilities>;
  quirks: Partial<Quirks>;
}

/** One entry of `models`: the name that clients ask for. */
export interface ModelConfig {
  provider: string;
  /** The upstream's name; undefined = the name asked for. */
  model?: string;
  context_window?: number;
  /** Old tool results are cut by this rule; undefined = never. */
  age_tool_results?: AgeRule;
  fallback: string[];
  capabilities: Partial<Capabilities>;
  quirks: Partial<Quirks>;
}

export interface Config {
  server: { host: string; port: number; keys: string[]; hosts: string[]; websocket: boolean };
  /** Absolute path. */
  data_dir: string;
  /** Look for local servers and for vendors' keys in the environment. */
  discover: boolean;
  providers: Record<string, ProviderConfig>;
  models: Record<string, ModelConfig>;
  log: { capture: Capture; queue_mb: number };
  /** Whether responses and conversations are kept, for how many days, and in how many mebibytes. */
  state: { store: boolean; keep_days: number; max_mb: number };
  /** Who sums conversations up (undefined = the conversation's own model), and in how many seconds. */
  compaction: { model?: string; deadline_s: number };
  limits: Limits;
  /** Refuse instead of declaring a loss where a seal cannot be opened or a tool cannot be carried. */
  strict: boolean;
}
