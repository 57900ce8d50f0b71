// The program. Looks at the version of Node before it loads anything else, so that an old one gets a sentence, not a stack.
import { setFlagsFromString } from "node:v8";

const OLDEST_MAJOR = 24;

if (Number(process.versions.node.split(".")[0]) < OLDEST_MAJOR) {
  process.stderr.write(
    `waystation: this is Node ${process.versions.node}, Waystation needs ${OLDEST_MAJOR} or newer. ` +
      "Start it with `npm start`, which brings a fitting Node along, or install one (https://nodejs.org).\n",
  );
  process.exit(2);
}

// A thousand streams that live for seconds: by default V8 lets their remains pile up to several times what is in use.
setFlagsFromString("--heap-growing-percent=60");
// Of the threads that come, which need no young generation as large as this one's (`npm start` sets it).
setFlagsFromString("--max-semi-space-size=2");

const { run } = await import("./cli/main.ts");
process.exitCode = await run(process.argv.slice(2));
