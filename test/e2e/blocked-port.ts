// A port that is open and never accepts: connections to it hang, as they do where a firewall drops packets. Promises to leave
// nothing behind.
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";

/** The listener's queue is as short as can be, and its process does nothing but wait. */
const LISTENER = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port) + "\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
    process.exit();
  });
`;
const FILLERS = 4;

export interface BlockedPort {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens one. */
export async function blockPort(): Promise<BlockedPort> {
  const child = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once("data", (text: Buffer) => resolve(Number(text.toString())));
    child.once("error", reject);
  });
  // The system accepts for the process until its queue is full.
  const fillers: Socket[] = [];
  for (let count = 0; count < FILLERS; count += 1) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    fillers.push(socket);
  }
  return {
    port,
    close: async () => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
      await exited;
    },
  };
}
