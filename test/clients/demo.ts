// `npm run demo`: the gateway, the real Codex CLI and the built-in model `demo` doing a small task, then what the log holds of it.
// Promises to need no key and no model server, to touch nothing outside scratch folders, and to leave nothing running.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setup } from "./install-clients.ts";
import { makeCodexPlace, startCodex } from "./run-codex.ts";
import { endProcesses } from "./run-process.ts";
import { startGateway } from "./start-gateway.ts";

const PROMPT = "What is in this folder? Run `ls` and tell me.";
const tty = process.stdout.isTTY;
const bold = (text: string): string => (tty ? `\u001b[1m${text}\u001b[0m` : text);
const faint = (text: string): string => (tty ? `\u001b[2m${text}\u001b[0m` : text);

function print(text = ""): void {
  process.stdout.write(`${text}\n`);
}

function printIndented(text: string): void {
  for (const line of text.trimEnd().split("\n")) print(`  ${line}`);
}

/** What Codex says about a scratch home and a closed standard input, which concern nobody here. */
const NOISE = /^(WARNING: proceeding, even though we could not create PATH aliases|Reading additional input from stdin)/;

/** Passes text on line by line, indented. */
function lineWriter(): (text: string) => void {
  let open = "";
  return (text) => {
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    for (const line of lines) if (!NOISE.test(line)) print(`  ${line}`);
  };
}

async function run(): Promise<number> {
  await setup();
  const place = await makeCodexPlace();
  const gateway = await startGateway({}).catch(async (error: unknown) => {
    await place.remove();
    throw error;
  });
  try {
    print(bold("1. The gateway runs"));
    print(faint("  $ npm start -- --port 0"));
    print(`  waystation listening on ${gateway.url}`);

    print(`\n${bold("2. Codex works through it")}, with the model \`demo\``);
    await writeFile(join(place.work, "shopping.txt"), "tea, biscuits\n");
    await writeFile(join(place.work, "travel-plan.txt"), "by train, change at the way station\n");
    print(faint(`  $ codex exec '${PROMPT}'`));
    // Its standard output holds only the last message once more.
    const codex = await startCodex(place, { gateway: gateway.url, model: "demo", prompt: PROMPT }, lineWriter());
    const { code } = await codex.finished;
    if (code !== 0) throw new Error(`codex ended with code ${code}`);

    print(`\n${bold("3. The log holds every exchange")}`);
    print(faint("  $ npm start -- logs"));
    const logs = await gateway.command("logs");
    printIndented(logs.stdout);
    const last = [...new Set(logs.stdout.match(/\bturn_[0-9a-f]+/g))].toSorted().at(-1);
    if (last === undefined) throw new Error(`the log lists no turn\n${logs.stderr}`);
    print(faint(`\n  $ npm start -- show ${last}`));
    printIndented((await gateway.command("show", last)).stdout);
    print(`\n${bold("Your turn")}: npm start, and three lines in ~/.codex/config.toml (README.md has them).`);
    return 0;
  } finally {
    await gateway.stop();
    await place.remove();
  }
}

process.once("SIGINT", endProcesses);
process.once("SIGTERM", endProcesses);
try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
