// A client that says exactly the bytes it is given, and keeps what came back.
import { connect } from "node:net";
import type { Socket } from "node:net";

/** One raw connection. */
export interface RawClient {
  socket: Socket;
  /** All that came so far, as latin1. */
  received: () => string;
  send: (...parts: (string | Uint8Array)[]) => void;
  /** Resolves when what came matches; rejects when the connection closes before. */
  until: (pattern: RegExp) => Promise<string>;
  /** Resolves with all that came when the connection is closed. */
  closed: Promise<string>;
}

/** Connects to a server under test. A half-open client stays able to read after its own end. */
export function rawClient(port: number, host = "127.0.0.1"): RawClient {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
  let received = "";
  let over = false;
  const checks = new Set<() => void>();
  const look = (): void => {
    for (const check of checks) check();
  };
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk;
    look();
  });
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => {
    // The server's FIN: nothing more will come.
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      over = true;
      look();
      resolve(received);
    });
  });
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(received)) resolve(received);
        else if (over) reject(new Error(`closed before ${String(pattern)}; got ${received}`));
        else return;
        checks.delete(check);
      };
      checks.add(check);
      check();
    });
  return { socket, received: () => received, send: (...parts) => parts.forEach((part) => socket.write(part)), until, closed };
}

/** A POST of a turn as raw bytes. */
export function post(port: number, body: string, headers: readonly string[] = []): string {
  const lines = [
    "POST /v1/responses HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** A GET as raw bytes. */
export function get(port: number, path: string, headers: readonly string[] = []): string {
  return `${[`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers].join("\r\n")}\r\n\r\n`;
}

/** The body of the one JSON reply that came. */
export function jsonOf(received: string): unknown {
  return JSON.parse(received.slice(received.indexOf("\r\n\r\n") + 4));
}

/** The content of a chunked body, as a parser of HTTP reads it; `whole` = its last chunk came. */
export function unchunk(received: string): { text: string; whole: boolean } {
  let rest = received.slice(received.indexOf("\r\n\r\n") + 4);
  let text = "";
  for (;;) {
    const line = /^([0-9a-f]+)\r\n/.exec(rest);
    if (line === null) return { text, whole: false };
    const size = Number.parseInt(line[1] ?? "", 16);
    if (size === 0) return { text, whole: rest === `${line[0]}\r\n` };
    text += rest.slice(line[0].length, line[0].length + size);
    rest = rest.slice(line[0].length + size + 2);
  }
}
