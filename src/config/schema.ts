// The schema of `config.yaml`: every key, its type, bounds, default and meaning, for the check at start, for editors (as
// JSON Schema) and for docs/config.md. Promises strictness: a key that is not here is refused.
import { z } from "zod";
import { isHeaderName, isHeaderText, problemOfBaseUrl, problemOfHost } from "./value-checks.ts";
import { KEEP_MEANS, capabilitySchema, quirkSchema, reasoningKeepSchema } from "./target-schema.ts";

/** The longest wait that may be set: a day, well inside what timers can count. */
const DAY_S = 86_400;
const seconds = z.number().min(0).max(DAY_S);
const wait = z.number().gt(0).max(DAY_S);

/** A text that a check of ours refuses with its own `what; what to do`. */
function checked(problemOf: (text: string) => string | undefined): z.ZodType<string, string> {
  return z.string().superRefine((text, context) => {
    const message = problemOf(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

const clientKey = checked((key) =>
  /^wk_[A-Za-z0-9_-]{16,}$/.test(key)
    ? undefined
    : 'a client key is "wk_" and at least 16 letters, digits, "_" or "-"; make a long random one',
);

const providerKey = checked((key) => (isHeaderText(key) ? undefined : "a key cannot hold line breaks or control characters; remove them"));

const serverSchema = z
  .strictObject({
    host: checked(problemOfHost).default("127.0.0.1").describe("Address to listen on. Any but a loopback address needs keys."),
    port: z.int().min(0).max(65_535).default(8787).describe("Port to listen on; 0 takes a free one."),
    keys: z
      .array(clientKey)
      .default([])
      .describe("Keys that clients must present (Authorization: Bearer, or x-api-key), each beginning with wk_. Empty: none asked for."),
    hosts: z
      .array(checked(problemOfHost))
      .default([])
      .describe("Further names under which clients reach this server, as behind a proxy. Others in the Host header are refused."),
    websocket: z
      .boolean()
      .default(true)
      .describe("Serve the Responses API over WebSocket too. false: such requests get 426, and clients go on over HTTP."),
  })
  .describe("Where Waystation listens, and for whom.");

const overrides = {
  capabilities: capabilitySchema.optional().describe("What the target can do, where it differs from what its kind declares."),
  quirks: quirkSchema.optional().describe("How the target's wire deviates, where it differs from what its kind declares."),
};

const providerSchema = z
  .strictObject({
    kind: z.string().optional().describe("The known provider that this is one of. Not needed where the entry has its name."),
    dialect: z.enum(["responses", "chat", "messages", "gemini"]).optional().describe("The protocol it speaks. A known kind has its own."),
    base_url: checked(problemOfBaseUrl)
      .optional()
      .describe("What the vendor's own SDK takes: with /v1 for chat and responses, the origin for messages and gemini."),
    key: providerKey.optional().describe('Its API key, best as "${VARIABLE}". Empty: none.'),
    headers: z
      .record(
        checked((name) => (isHeaderName(name) ? undefined : "this cannot be set as a header; remove it")),
        providerKey,
      )
      .optional()
      .describe("Further headers of every request to it."),
    ...overrides,
  })
  .describe("A vendor or a local server.");

const modelSchema = z
  .strictObject({
    provider: z.string().describe("Where it runs: a name under providers, or a known provider."),
    model: z.string().min(1).optional().describe("Its name there. Without it: the name asked for."),
    context_window: z.int().min(1).optional().describe("Tokens of prompt and reply together; clients compact by it."),
    reasoning: z
      .strictObject({ keep: reasoningKeepSchema.optional().describe(KEEP_MEANS) })
      .optional()
      .describe("How the model's reasoning is treated."),
    age_tool_results: z
      .strictObject({
        keep_last: z.int().min(0).max(10_000).default(8).describe("The latest tool results, which stay whole."),
        over_bytes: z.int().min(512).max(16_777_216).default(8192).describe("Bytes above which an older one is cut to its head and tail."),
      })
      .optional()
      .describe(
        "Cuts old tool results before they are sent. Not set: never. Each cut changes the prompt, so its server caches less of it.",
      ),
    fallback: z.array(z.string()).default([]).describe("Models to try instead, in order, where this one fails before its first word."),
    ...overrides,
  })
  .describe("A name that clients ask for.");

const logSchema = z
  .strictObject({
    capture: z
      .enum(["full", "metadata", "off"])
      .default("full")
      .describe("full: every exchange, byte for byte, without secrets. metadata: no bodies. off: nothing."),
    queue_mb: z
      .number()
      .gt(0)
      .max(4096)
      .default(64)
      .describe("Mebibytes that may wait to be written; above that bodies are left out, and counted."),
  })
  .describe("What is written of each turn, in log.db under data_dir.");

const stateSchema = z
  .strictObject({
    store: z
      .boolean()
      .default(true)
      .describe(
        "Keep responses, so that clients can retrieve and continue them, run them in the background, and use conversations. false: nothing is kept, and replies say store: false.",
      ),
    keep_days: z.number().gt(0).max(3650).default(30).describe("Days for which a response is kept."),
    max_mb: z
      .number()
      .min(10)
      .max(1_048_576)
      .default(2048)
      .describe("Mebibytes of responses and conversations; above that the oldest are removed."),
  })
  .describe("What is kept of the Responses API's state, in state.db under data_dir.");

const compactionSchema = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .optional()
      .describe("The model that sums conversations up, by any name that a client could ask for; without it, the conversation's own."),
    deadline_s: wait.default(240).describe("Seconds for all of a compaction; after them an extract is made without a model."),
  })
  .describe("How conversations are compacted.");

const limitsSchema = z
  .strictObject({
    commit_s: seconds.default(10).describe("Seconds after which a stream's headers go out even if the model has not said anything."),
    retries: z.int().min(0).max(20).default(2).describe("Further tries of a failed call, as long as the client has been told nothing."),
    retry_wait_s: seconds.default(2).describe("Longest Retry-After that is waited for; a longer one is passed to the client."),
    connect_s: wait.default(10).describe("Seconds to connect to a provider."),
    first_byte_s: wait.default(600).describe("Seconds to a provider's first byte: a local server may load a model first."),
    idle_s: wait.default(300).describe("Seconds of silence within a reply."),
    client_stall_s: wait.default(60).describe("Seconds that a client may leave its reply unread."),
    client_request_s: wait.default(120).describe("Seconds for a client to send its request."),
    drain_s: seconds.default(30).describe("Seconds that turns get to end after SIGTERM."),
    heartbeat_s: wait.default(10).describe("Seconds of silence towards a streaming client before it gets a sign of life."),
    body_mb: z
      .number()
      .gt(0)
      .max(1024)
      .default(64)
      .describe("Mebibytes of a request body, after decompression, and of a provider's whole reply."),
    stream_mb: z.number().gt(0).max(4096).default(256).describe("Mebibytes of a provider's streamed reply."),
    socket_s: wait.default(3600).describe("Seconds for which a WebSocket may be used; a turn that runs then may end."),
    socket_idle_s: wait.default(900).describe("Seconds for which a WebSocket may be idle."),
    socket_lanes: z
      .int()
      .min(1)
      .max(1000)
      .default(16)
      .describe("Turns that may run at a time on one WebSocket, each in a stream_id of its own."),
  })
  .describe("Bounds of a turn. Seconds may be fractions.");

/** The whole file. Sections that are not there take their defaults. */
export const fileSchema = z
  .strictObject({
    server: serverSchema.prefault({}),
    data_dir: z.string().min(1).default("./data").describe("Where log and keys are kept, relative to this file. Made on first use."),
    discover: z
      .boolean()
      .default(true)
      .describe("Look for local model servers on their usual ports, and for vendors' keys in the environment."),
    strict: z
      .boolean()
      .default(false)
      .describe("Refuse a request where something of it cannot be carried over, instead of noting the loss."),
    providers: z.record(z.string(), providerSchema).default({}).describe("Vendors and local servers, by a name of your choice."),
    models: z
      .record(z.string(), modelSchema)
      .default({})
      .describe('Names that clients ask for. "*" takes any other name. PROVIDER/MODEL works without an entry.'),
    log: logSchema.prefault({}),
    state: stateSchema.prefault({}),
    compaction: compactionSchema.prefault({}),
    limits: limitsSchema.prefault({}),
  })
  .describe("The configuration of Waystation.");

/** The file after the check, defaults filled in. */
export type ConfigFile = z.output<typeof fileSchema>;

/**
 * The schema as JSON Schema (draft 2020-12), as it stands in `config.schema.json` for editors. Beside a number or a switch it
 * allows a reference to the environment, which only the loader can look up.
 */
export function jsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(fileSchema, {
    io: "input",
    override: ({ jsonSchema: node }) => {
      if (node.type !== "integer" && node.type !== "number" && node.type !== "boolean") return;
      const { description, default: fallback, ...value } = node;
      for (const key of Object.keys(value)) delete node[key];
      node.anyOf = [value, { type: "string", pattern: "^\\$\\{.*\\}$" }];
    },
  });
  return { $schema, title: "Waystation config.yaml", ...rest };
}
