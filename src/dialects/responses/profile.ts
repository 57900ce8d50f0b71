// Who the client is, as data. Promises that no other code asks for a client by name: it asks what the profile says.

/** Header values by name, in lower case. */
type ClientHeaders = Readonly<Record<string, string | undefined>>;

/** A client, and what it does. */
export interface Profile extends Habits {
  readonly id: "codex" | "openai-sdk" | "ai-sdk" | "agents" | "other";
}

/** What a client does that the protocol does not say. */
interface Habits {
  /** Shows `output_text` only: a refusal must come as text to be seen. */
  readonly refusalsAsText: boolean;
  /** Runs a call although its item is `incomplete`: one that was cut short must not be sent. */
  readonly runsIncompleteCalls: boolean;
  /** Replaces the message of a 500 by its own words: the same failure is told as 502. */
  readonly hidesStatus500: boolean;
}

interface Rule {
  readonly id: Profile["id"];
  /** Where the client's habits differ from those of most. */
  readonly habits?: Partial<Habits>;
  /** Headers whose presence alone tells this client. */
  readonly headers?: readonly string[];
  /** What `originator` or `user-agent` begins with or holds. */
  readonly originator?: RegExp;
  readonly userAgent: RegExp;
}

const USUAL: Habits = { refusalsAsText: false, runsIncompleteCalls: false, hidesStatus500: false };

/**
 * In the order in which they are tried: a more special client is built on a more general one. Observed: Codex 0.169 (whose originator can be
 * overridden, but not its turn headers), openai-node 5 to 7 and openai-python, AI SDK 5 to 7, @openai/agents 0.20.
 */
const RULES: readonly Rule[] = [
  {
    id: "codex",
    habits: { refusalsAsText: true, runsIncompleteCalls: true, hidesStatus500: true },
    headers: ["x-codex-turn-metadata", "x-codex-window-id"],
    originator: /^codex/i,
    userAgent: /^codex/i,
  },
  { id: "agents", userAgent: /^Agents\// },
  { id: "ai-sdk", userAgent: /\bai-sdk[-/]/ },
  { id: "openai-sdk", headers: ["x-stainless-lang"], userAgent: /\b(?:Async)?OpenAI\// },
];

/** The profile of the client that sent these headers. */
export function clientProfile(headers: ClientHeaders): Profile {
  const agent = headers["user-agent"] ?? "";
  const originator = headers["originator"] ?? "";
  const matches = (rule: Rule): boolean =>
    rule.headers?.some((name) => headers[name] !== undefined) === true ||
    rule.userAgent.test(agent) ||
    rule.originator?.test(originator) === true;
  const known = RULES.find(matches);
  return { id: known?.id ?? "other", ...USUAL, ...known?.habits };
}
