// The few lines of a long output that say what went wrong: names of failing tests, errors, the count at the end.
// Promises linear time, a bounded number of short lines, in their order.

/** Lines that name a failing test or count them. */
const failingTest =
  /(?:^|\s)(?:FAIL(?:ED|URE|S)?|not ok|✗|✘|✖|×|❌|--- FAIL)(?=[\s:]|$)|\b\d+ (?:tests? )?(?:failed|failing|failures?|errors?)\b|test result: FAILED/;
/** Lines that state an error. */
const statedError =
  /(?:\b\w*(?:Error|Exception)\b\s*[:[(])|\berror(?:\[\w+\])?:|\berror TS\d+|panicked at|Traceback|\bassert(?:ion)?\b|\bexpected\b.*\b(?:got|received|but|found|actual|to)\b|undefined reference|cannot find|No such file|Permission denied|command not found|fatal:|Segmentation fault|timed out/i;
const MOST_TESTS = 8;
const MOST_ERRORS = 6;
const LINE = 240;

/** What test runners and compilers say at their end when something went wrong. */
const badEnd =
  /\b[1-9]\d* (?:tests? )?(?:failed|failing|failures?|errors?)\b|test result: FAILED|^(?:FAIL|FAILED|ERROR)\b|Command failed|ELIFECYCLE/m;
const END = 3000;

/** Whether an output's end speaks of failures, whatever its exit code: `npm test | tail` ends with the filter's own. */
export function endsBadly(output: string): boolean {
  return badEnd.test(output.slice(-END));
}

/** The lines of an output that tell why it failed; where none gives itself away, the last ones. */
export function tellingLines(output: string): string[] {
  const tests = new Map<number, string>();
  const errors = new Map<number, string>();
  const last: [number, string][] = [];
  const seen = new Set<string>();
  let place = 0;
  for (const raw of output.split("\n")) {
    place += 1;
    const line = raw.slice(0, LINE).trim();
    if (line === "" || seen.has(line)) continue;
    const group = failingTest.test(line) ? tests : statedError.test(line) ? errors : undefined;
    if (group !== undefined) {
      seen.add(line);
      group.set(place, line);
    }
    last.push([place, line]);
    if (last.length > 3) last.shift();
  }
  // Of tests the last ones, since runners sum up at the end; of errors the first ones, since later ones follow from them.
  const kept = [...[...tests].slice(-MOST_TESTS), ...[...errors].slice(0, MOST_ERRORS)];
  const lines = kept.length > 0 ? kept.toSorted(([one], [other]) => one - other) : last;
  return lines.map(([, line]) => line);
}
