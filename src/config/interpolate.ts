// `${VAR}` and `${VAR:-default}` in values of the configuration. Promises that nothing is replaced in silence: a variable
// that is not set, or a form that we do not know, is a problem. `$${` stands for a plain `${`.

/** The environment of the process, or of a test. */
export type Environment = Record<string, string | undefined>;

export type Interpolated = { ok: true; value: string; used: boolean } | { ok: false; message: string };

const FORM = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$/s;

/**
 * Replaces the references in one value. As in a shell, `:-` also stands in for a variable that is set but empty.
 * `used` tells whether anything came from the environment or from a default.
 */
export function interpolate(text: string, environment: Environment): Interpolated {
  let message: string | undefined;
  let used = false;
  const value = text.replace(FORM, (whole: string, inner: string | undefined): string => {
    if (whole === "$${") return "${";
    const reference = inner === undefined ? null : REFERENCE.exec(inner);
    if (reference === null) {
      message ??= `"\${" opens no variable here; write \${NAME} or \${NAME:-default}, or $\${ for a plain "\${"`;
      return whole;
    }
    used = true;
    const [, name = "", defaulted, fallback = ""] = reference;
    const found = environment[name];
    if (defaulted !== undefined) return found === undefined || found === "" ? fallback : found;
    if (found === undefined) message ??= `the environment variable ${name} is not set; set it, or write \${${name}:-default}`;
    return found ?? "";
  });
  return message === undefined ? { ok: true, value, used } : { ok: false, message };
}
