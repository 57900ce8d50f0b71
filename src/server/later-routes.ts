// Routes that Waystation will have and has not yet: their names are taken, and whoever calls one is told what is missing.

/** A route that is answered with 404 and a sentence. Paths are patterns as Hono's. */
export interface LaterRoute {
  methods: readonly string[];
  path: string;
  /** What is not there yet, and what to do instead. */
  sentence: string;
}

const NO_PAGES = "This gateway has no pages yet. Its log is read by `waystation logs` and `waystation show ID`.";

const onlyResponses = (dialect: string): string => `This gateway does not speak ${dialect} to its clients yet. Use POST /v1/responses.`;

/** All of them. */
export const LATER_ROUTES: readonly LaterRoute[] = [
  { methods: ["POST"], path: "/v1/chat/completions", sentence: onlyResponses("Chat Completions") },
  { methods: ["POST"], path: "/v1/messages", sentence: onlyResponses("Anthropic Messages") },
  { methods: ["POST"], path: "/v1/messages/count_tokens", sentence: onlyResponses("Anthropic Messages") },
  { methods: ["GET"], path: "/v1beta/models", sentence: onlyResponses("the Gemini API") },
  { methods: ["GET", "POST"], path: "/v1beta/models/:call{.+}", sentence: onlyResponses("the Gemini API") },
  { methods: ["GET"], path: "/ui", sentence: NO_PAGES },
  { methods: ["GET"], path: "/ui/*", sentence: NO_PAGES },
  { methods: ["GET"], path: "/api/*", sentence: NO_PAGES },
];
