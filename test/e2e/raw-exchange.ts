// Bytes to the gateway and back, for requests that no HTTP client would send. Promises to read replies by their own framing.
import { connect } from "node:net";

/** One reply of a connection. */
export interface RawReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends bytes and reads this many replies, or as many as come before the connection ends. */
export function rawExchange(port: number, request: string | Uint8Array, count = 1): Promise<RawReply[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const replies: RawReply[] = [];
    let text = "";
    const finish = (): void => {
      socket.destroy();
      resolve(replies);
    };
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("data", (chunk: string) => {
      text += chunk;
      for (let read = readReply(text); read !== null; read = readReply(text)) {
        replies.push(read.reply);
        text = read.rest;
      }
      if (replies.length >= count) finish();
    });
    socket.on("close", finish);
    socket.write(request);
  });
}

function readReply(text: string): { reply: RawReply; rest: string } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return null;
  const [line = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    lines.map((one) => [one.slice(0, one.indexOf(":")).toLowerCase(), one.slice(one.indexOf(":") + 1).trim()]),
  );
  const status = Number(line.split(" ")[1]);
  const after = text.slice(end + 4);
  const framed = headers["transfer-encoding"] === "chunked" ? readChunks(after) : readLength(after, Number(headers["content-length"] ?? 0));
  return framed && { reply: { status, headers, body: framed.body }, rest: framed.rest };
}

function readLength(text: string, length: number): { body: string; rest: string } | null {
  return text.length < length ? null : { body: text.slice(0, length), rest: text.slice(length) };
}

function readChunks(text: string): { body: string; rest: string } | null {
  let body = "";
  for (let at = 0; ;) {
    const line = text.indexOf("\r\n", at);
    if (line === -1) return null;
    const size = Number.parseInt(text.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (text.length < next) return null;
    if (size === 0) return { body, rest: text.slice(next) };
    body += text.slice(line + 2, line + 2 + size);
    at = next;
  }
}
