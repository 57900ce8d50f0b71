// The chat-completions dialect, client half: what a turn needs to speak to such an upstream.
import type { Speaker } from "../dialect.ts";
import { readFault } from "./faults.ts";
import { createReader, readWhole } from "./read-reply.ts";
import { bindsCalls } from "./reasoning-state.ts";
import { writeRequest } from "./write-request.ts";

/** Speaks chat completions (POST /chat/completions). */
export const chatSpeaker: Speaker = { writeRequest, createReader, readWhole, readFault, bindsCalls };
