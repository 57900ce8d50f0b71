// How a command reaches the gateway of its configuration: where, and with which key.
import type { Config } from "../config/config.ts";

/** The address at which this machine reaches the gateway. */
export function originOf({ server: { host, port } }: Config): string {
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** The headers that show a key. */
export function keyHeaders(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}
