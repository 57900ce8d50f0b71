// Where a command writes and what it sees of the process, so that a test can stand in for both.
import type { Environment } from "../config/interpolate.ts";

/** The surroundings of a command. Texts are written as they are, without an added line end. */
export interface Terminal {
  out(text: string | Uint8Array): void;
  error(text: string): void;
  environment: Environment;
  /** A person reads along; absent = no. */
  isTty?: boolean;
}

/** The real one. A reader of our output that leaves early (`| head`) ends the program quietly. */
export function processTerminal(): Terminal {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    environment: process.env,
    isTty: process.stdout.isTTY,
  };
}
