// A local model server at a given port: it lists its models as a known kind does, and answers a chat with its model's name.
import { createServer } from "node:http";
import { asString, isObject, parseJson } from "../../src/kit/json.ts";
import { stream, whole } from "./chat-frames.ts";

/** Starts one; what it returns stops it. */
export async function serveChat(port: number, kind: "llamacpp" | "llama-swap", models: readonly string[]): Promise<() => Promise<void>> {
  const list = { object: "list", data: models.map((id) => ({ id, object: "model", owned_by: kind })) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const asked = parseJson(Buffer.concat(chunks).toString());
      if (request.method === "GET") {
        response.writeHead(request.url === "/v1/models" ? 200 : 404, { "content-type": "application/json" });
        response.end(JSON.stringify(list));
        return;
      }
      const words = `I am ${isObject(asked) ? asString(asked["model"]) : "nobody"}`;
      const streamed = isObject(asked) && asked["stream"] === true;
      response.writeHead(200, { "content-type": streamed ? "text/event-stream" : "application/json" });
      response.end(streamed ? stream(words) : JSON.stringify(whole(words)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
