// Routes that Waystation will have and has not yet: their names are taken, and whoever calls one is told what is missing.

/** A route that is answered with 404 and a sentence. Paths are patterns as Hono's. */
export interface LaterRoute {
  methods: readonly string[];
  path: string;
  /** What is not there yet, and what to do instead. */
  sentence: string;
}

const NO_STORE = "This gateway does not keep responses yet. Send the whole conversation as `input`, with `store: false`.";
const NO_CONVERSATIONS = "This gateway does not keep conversations yet. Send the whole conversation as `input` of POST /v1/responses.";
const NO_PAGES = "This gateway has no pages yet. Its log is read by `waystation logs` and `waystation show ID`.";

const onlyResponses = (dialect: string): string => `This gateway does not speak ${dialect} to its clients yet. Use POST /v1/responses.`;

/** All of them. */
export const LATER_ROUTES: readonly LaterRoute[] = [
  {
    methods: ["POST"],
    path: "/v1/responses/input_tokens",
    sentence: "This gateway does not count input tokens yet; usage comes with each response.",
  },
  {
    methods: ["POST"],
    path: "/v1/responses/compact",
    sentence: "This gateway does not compact conversations yet; clients compact on their own when this is not there.",
  },
  { methods: ["GET", "DELETE"], path: "/v1/responses/:id", sentence: NO_STORE },
  { methods: ["POST"], path: "/v1/responses/:id/cancel", sentence: `${NO_STORE} To cancel a running one, close its connection.` },
  { methods: ["GET"], path: "/v1/responses/:id/input_items", sentence: NO_STORE },
  { methods: ["POST"], path: "/v1/conversations", sentence: NO_CONVERSATIONS },
  { methods: ["GET", "POST", "DELETE"], path: "/v1/conversations/:id", sentence: NO_CONVERSATIONS },
  { methods: ["GET", "POST"], path: "/v1/conversations/:id/items", sentence: NO_CONVERSATIONS },
  { methods: ["GET", "DELETE"], path: "/v1/conversations/:id/items/:item", sentence: NO_CONVERSATIONS },
  { methods: ["POST"], path: "/v1/chat/completions", sentence: onlyResponses("Chat Completions") },
  { methods: ["POST"], path: "/v1/messages", sentence: onlyResponses("Anthropic Messages") },
  { methods: ["POST"], path: "/v1/messages/count_tokens", sentence: onlyResponses("Anthropic Messages") },
  { methods: ["GET"], path: "/v1beta/models", sentence: onlyResponses("the Gemini API") },
  { methods: ["GET", "POST"], path: "/v1beta/models/:call{.+}", sentence: onlyResponses("the Gemini API") },
  { methods: ["GET"], path: "/ui", sentence: NO_PAGES },
  { methods: ["GET"], path: "/ui/*", sentence: NO_PAGES },
  { methods: ["GET"], path: "/api/*", sentence: NO_PAGES },
];
