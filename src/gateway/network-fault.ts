// What an error of the network means. Pure. Promises a sentence that names the host, and nothing of the path or the key.
import { errors } from "undici";
import { fault } from "../hub/fault.ts";
import type { Fault } from "../hub/fault.ts";

/** The fault of a call that broke; `isUnresolved` = the addresses of its host were still owed. */
export function networkFault(error: unknown, url: URL, isUnresolved: boolean): Fault {
  const code = textOf(error, "code");
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.ConnectTimeoutError) {
    if (isUnresolved)
      return fault("unreachable", `The host name ${url.hostname} was not resolved in time. Check the network and its name server.`);
    return fault("unreachable", `${url.host} did not accept a connection in time. Is the server up, and the address right?`);
  }
  if (code === "ECONNREFUSED")
    return fault("unreachable", `${url.host} refuses connections: nothing listens there. Is the model server running?`);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return fault("unreachable", `The host name ${url.hostname} cannot be resolved. Check base_url in the configuration, and the network.`);
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG")
    return fault("unreachable", `${url.host} does not speak TLS: base_url should begin with http, not https.`, { final: true });
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return fault("unreachable", `The TLS certificate of ${url.host} was not accepted (${code}).`, { final: true });
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return fault("timeout", `${url.host} was silent for too long.`);
  // undici takes this one informational reply for a mistake, and gives it no code of its own.
  if (code === "UND_ERR_SOCKET" && words === "bad response") {
    const told = `${url.host} sent "100 Continue" before its reply, which it was not asked for and which is not understood here.`;
    return fault("bad_reply", told, { final: true });
  }
  // TCP's own probes found nobody at the other end of a connection that was there.
  if (code === "ETIMEDOUT" && textOf(error, "syscall") !== "connect")
    return fault("cut", `${url.host} is gone: its connection died before its reply was complete.`);
  if (code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH")
    return fault("cut", `${url.host} closed the connection before its reply was complete.`);
  return fault("unreachable", `The call to ${url.host} failed: ${words}.`);
}

function textOf(error: unknown, name: "code" | "syscall"): string {
  // Reading properties that errors of the system have, and others may.
  return error instanceof Error ? ((error as NodeJS.ErrnoException)[name] ?? "") : "";
}
