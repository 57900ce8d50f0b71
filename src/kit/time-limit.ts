// A bound on the time of work whose cost others decide: a pattern of a client's schema can take longer than the universe. Promises
// that synchronous work ends, by its own end or after the time given, even inside a regular expression.
import { Script, createContext } from "node:vm";

const script = new Script("work()");
const context: { work: (() => void) | null } = { work: null };
createContext(context);

/** What the work returned; undefined where it took longer than so many milliseconds. What it throws is thrown on. */
export function withinTime<T>(milliseconds: number, work: () => T): T | undefined {
  let result: T | undefined;
  context.work = () => {
    result = work();
  };
  try {
    script.runInContext(context, { timeout: milliseconds });
    return result;
  } catch (error) {
    // The error is of the context's own making, so that it is no Error of ours.
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  } finally {
    context.work = null;
  }
}
