// The counting thread: loads a vocabulary when a model of its kind is first asked for, and counts one request after the other.
// Promises an answer to every question; what cannot be counted is null.
import { parentPort } from "node:worker_threads";
import { asObject, parseJson } from "../../kit/json.ts";
import { countChat } from "./count-chat.ts";
import { FAMILIES } from "./family.ts";
import type { VocabularyName } from "./family.ts";
import type { CountAnswer, CountQuestion } from "./message.ts";
import type { CountText } from "./vocabulary.ts";
import { loadVocabulary } from "./vocabulary.ts";

const vocabularies = new Map<VocabularyName, Promise<CountText>>();

function vocabulary(name: VocabularyName): Promise<CountText> {
  const known = vocabularies.get(name);
  if (known !== undefined) return known;
  const loading = loadVocabulary(name);
  vocabularies.set(name, loading);
  return loading;
}

async function answer({ family, body }: CountQuestion): Promise<number | null> {
  try {
    const costs = FAMILIES[family];
    const request = asObject(parseJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()));
    return request === undefined ? null : countChat(request, costs, await vocabulary(costs.vocabulary));
  } catch {
    // A vocabulary that cannot be loaded, a schema that is nested beyond the stack: whoever asked has another estimate.
    return null;
  }
}

async function serve(question: CountQuestion): Promise<void> {
  const answered: CountAnswer = { number: question.number, tokens: await answer(question) };
  parentPort?.postMessage(answered, []);
}

parentPort?.on("message", (question: CountQuestion) => void serve(question));
