// The list of models of a server that is probed, and the one to put the questions to. Promises that no model is asked that the user did not
// name, configure, or could not have meant otherwise.
import type { ModelInfo } from "../../contract.ts";
import type { Config } from "../../config/config.ts";
import type { Fault } from "../../hub/fault.ts";
import { fault } from "../../hub/fault.ts";
import { asList, asObject, parseJson } from "../../kit/json.ts";
import type { RouteProvider } from "../target.ts";
import { notJson } from "../reply-form.ts";
import type { Answer, Asker } from "./asker.ts";
import { faultOfAnswer } from "./asker.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import { quote } from "./question.ts";

/** What asking for the list gave. */
export interface ModelList {
  finding: Finding;
  models: readonly ModelInfo[];
  /** Why there is no list. */
  fault: Fault | null;
}

/** Asks for the list as discovery does, with the provider's own way of it. */
export async function askModels(asker: Asker, { resolved, models }: RouteProvider): Promise<ModelList> {
  const { provider, baseUrl, key, headers } = resolved;
  const topic = "list of models";
  if (provider.discover === undefined)
    return { finding: finding(topic, "unknown", "this kind of server has none that Waystation reads"), models, fault: null };
  const answers: Answer[] = [];
  const fetchJson = async (url: string, given = {}): Promise<unknown> => {
    const answer = await asker.get(url, given);
    answers.push(answer);
    return answer.status !== null && answer.status < 300 && answer.fault === null ? parseJson(answer.text) : undefined;
  };
  const listed = await provider.discover(fetchJson, baseUrl, { ...(await provider.headers(key)), ...headers });
  const [first] = answers;
  if (listed !== undefined) return { finding: finding(topic, "yes", describeList(listed, first)), models: listed, fault: null };
  const failure = first === undefined ? fault("bad_reply", "there is none") : listFault(first, asker.host);
  return { finding: finding(topic, failure.kind === "unreachable" ? "unknown" : "no", quote(failure.message)), models: [], fault: failure };
}

function listFault(answer: Answer, host: string): Fault {
  if (answer.fault !== null || answer.status === null || answer.status >= 300) return faultOfAnswer(answer);
  if (parseJson(answer.text) === undefined) return notJson(answer.text, answer.headers["content-type"], host);
  return fault("bad_reply", `${host} answers its list of models in a form that is not known`);
}

function describeList(models: readonly ModelInfo[], answer: Answer | undefined): string {
  const windows = models.filter(({ contextWindow }) => contextWindow !== undefined).length;
  const fields = Object.keys(asObject(asList(asObject(parseJson(answer?.text ?? ""))?.["data"])[0]) ?? {}).slice(0, 12);
  const shape = fields.length === 0 ? "" : `; an entry has ${fields.join(", ")}`;
  return `${models.length} model(s), ${windows === 0 ? "none" : windows} with a context window${shape}`;
}

/** Models that plainly do not chat. */
const OTHER_TRADES = /embed|rerank|whisper|tts|dall-e|image|moderation|transcri/i;

/** The model to ask: the named one, that of the configuration, the only one, or on the user's own machine the first. */
export function chooseModel(
  named: string | undefined,
  from: RouteProvider,
  models: readonly ModelInfo[],
  config: Pick<Config, "models">,
): string | undefined {
  if (named !== undefined) return named;
  const id = from.resolved.id;
  for (const [name, entry] of Object.entries(config.models))
    if (entry.provider === id && (entry.model ?? name) !== "*") return entry.model ?? name;
  const chatting = models.filter((model) => !OTHER_TRADES.test(model.id));
  return chatting.length === 1 || from.local ? chatting[0]?.id : undefined;
}
