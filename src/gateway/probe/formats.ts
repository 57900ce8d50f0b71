// Questions about output formats and images. Promises that a format counts as held only where the reply is what no model says by itself.
import { crc32, deflateSync } from "node:zlib";
import type { JsonObject } from "../../kit/json.ts";
import { asObject, parseJson } from "../../kit/json.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Interview } from "./question.ts";
import { ENOUGH_TOKENS, told } from "./question.ts";
import type { Reply } from "./read-answer.ts";
import { isCut } from "./read-answer.ts";

const GREET = "Greet me in one short sentence.";
const WORD = "kestrel";
const SCHEMA: JsonObject = {
  type: "object",
  properties: { waystation: { type: "string", enum: [WORD] } },
  required: ["waystation"],
  additionalProperties: false,
};
const BY_SCHEMA: JsonObject = { response_format: { type: "json_schema", json_schema: { name: "greeting", schema: SCHEMA, strict: true } } };
const AS_OBJECT: JsonObject = { response_format: { type: "json_object" } };
const LOOK: JsonObject = {
  tools: [{ type: "function", function: { name: "look", description: "Looks.", parameters: { type: "object", properties: {} } } }],
};

/** Asks for a format by schema, else as any object; and beside tools. */
export async function askFormats(interview: Interview): Promise<void> {
  const schema = judgeSchema(await interview.ask(GREET, BY_SCHEMA, ENOUGH_TOKENS));
  interview.note(schema);
  if (schema.verdict === "no") interview.note(judgeObject(await interview.ask(`${GREET} Answer in JSON.`, AS_OBJECT, ENOUGH_TOKENS)));
  if (interview.capabilities.jsonSchema === "prompt" || !interview.capabilities.tools) return;
  const format = interview.capabilities.jsonSchema === "schema" ? BY_SCHEMA : AS_OBJECT;
  const together = await interview.ask(`${GREET} Answer in JSON.`, { ...format, ...LOOK }, ENOUGH_TOKENS);
  const isRefused = together.outcome === "refused";
  const follows = together.outcome === "failed" ? {} : { capabilities: { formatWithTools: !isRefused } };
  interview.note(
    finding(
      "a format beside tools",
      isRefused ? "no" : together.outcome === "failed" ? "unknown" : "yes",
      together.outcome === "accepted" ? "accepted" : told(together),
      follows,
    ),
  );
}

/** What follows of a reply that a schema should have held. */
function judgeSchema(reply: Reply): Finding {
  const topic = "output by json_schema";
  if (reply.outcome === "refused") return finding(topic, "no", told(reply), { capabilities: { jsonSchema: "prompt" } });
  if (reply.outcome === "failed") return finding(topic, "unknown", told(reply));
  if (asObject(parseJson(reply.content))?.["waystation"] === WORD)
    return finding(topic, "yes", "the reply is held to it", { capabilities: { jsonSchema: "schema" } });
  if (reply.content.trim() === "" || isCut(reply)) return finding(topic, "unknown", "accepted; no whole answer came");
  return finding(topic, "no", "accepted, and ignored", { capabilities: { jsonSchema: "prompt" } });
}

function judgeObject(reply: Reply): Finding {
  const topic = "output by json_object";
  if (reply.outcome !== "accepted") return finding(topic, reply.outcome === "refused" ? "no" : "unknown", told(reply));
  const isJson = asObject(parseJson(reply.content)) !== undefined;
  return isJson
    ? finding(topic, "yes", "an object comes", { capabilities: { jsonSchema: "object" } })
    : finding(topic, "no", "accepted, and what comes is no object");
}

const SIDE = 32;
const RED = [0xe0, 0x10, 0x10];

/** Shows a red square. */
export async function askImages(interview: Interview): Promise<void> {
  const url = `data:image/png;base64,${redSquare().toString("base64")}`;
  const content = [
    { type: "text", text: "Which colour is this square? One word." },
    { type: "image_url", image_url: { url } },
  ];
  interview.note(judgeImage(await interview.ask([{ role: "user", content }], {}, ENOUGH_TOKENS)));
}

function judgeImage(reply: Reply): Finding {
  if (reply.outcome === "refused") return finding("images", "no", told(reply), { capabilities: { images: false } });
  if (reply.outcome === "failed") return finding("images", "unknown", told(reply));
  if (/\bred\b|crimson|scarlet/i.test(reply.content))
    return finding("images", "yes", "it sees that a red square is red", { capabilities: { images: true } });
  return finding("images", "unknown", "accepted; the answer does not tell whether it sees");
}

/** A red square as PNG. */
function redSquare(): Buffer {
  const row = Buffer.from([0, ...Array.from({ length: SIDE }, () => RED).flat()]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIDE, 0);
  head.writeUInt32BE(SIDE, 4);
  head.set([8, 2], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: SIDE }, () => row)));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", head),
    pngChunk("IDAT", pixels),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
