// What happens where our own code throws: this one exchange ends, and stderr says where. Promises that neither tells what a client
// sent, which an error's message may hold.
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";
import { answerFault } from "./answer.ts";
import type { Exchange } from "./exchange.ts";

/** Answers 500 where nothing was sent yet, else breaks the reply off. */
export function answerDefect(exchange: Exchange, error: unknown): void {
  const { reply, method, path } = exchange;
  const failure = reportDefect(error, `${method} ${path}`);
  if (reply.started) reply.destroy();
  else answerFault(reply, failure);
}

/** Says on stderr where it happened, and gives the fault that the client is told. */
export function reportDefect(error: unknown, place: string): Fault {
  const name = error instanceof Error ? error.name : typeof error;
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line)) : [];
  process.stderr.write(`${[`waystation: unexpected ${name} in ${place}`, ...frames].join("\n")}\n`);
  return fault("server", "The gateway failed on this request by a defect of its own.");
}
