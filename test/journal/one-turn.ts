// A process for tests: opens the journal of the directory that it is given, begins a turn, and stays until it is killed.
import { open, begin } from "./turns.ts";

const [dataDir = "", id = ""] = process.argv.slice(2);
const journal = await open(dataDir);
begin(journal, id);
process.stdout.write("begun\n");
setInterval(() => undefined, 1000);
