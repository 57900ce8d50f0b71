// Readings of replies that tests share.
import type { Dispatcher } from "undici";
import { asObject, asString } from "../../src/kit/json.ts";

/** OpenAI's error object of a reply, with its status beside. */
export async function answerError(
  reply: Dispatcher.ResponseData,
): Promise<{ status: number; message: string; type: unknown; code: unknown; param: unknown }> {
  const body = asObject(await reply.body.json());
  const error = asObject(body?.["error"]);
  if (error === undefined) throw new Error(`no error object in ${JSON.stringify(body)}`);
  return {
    status: reply.statusCode,
    message: asString(error["message"]) ?? "",
    type: error["type"],
    code: error["code"],
    param: error["param"],
  };
}
