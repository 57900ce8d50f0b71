// A session's extract keeps what a model needs to go on, within a fifth of the session's tokens.
import { describe, expect, test } from "vitest";
import { extract } from "../../../src/hub/compaction/extract.ts";
import { writeHandOver } from "../../../src/hub/compaction/write-hand-over.ts";
import { agentSession, sessionKinds } from "../../support/agent-sessions.ts";
import { bytesOf, type AgentSession } from "../../support/agent-sessions-writer.ts";

const bytesPerToken = 4;
const seeds = Array.from({ length: Number(process.env["WAYSTATION_SEEDS"] ?? 12) }, (_, place) => place + 1);
const sessions = sessionKinds.flatMap((kind) => seeds.map((seed) => agentSession(kind, seed)));

/** Texts compare without their line breaks and indents, and JSON without its escapes. */
const flat = (text: string): string => text.replaceAll(/\s+/g, " ");

function extractOf(session: AgentSession, share: number): string {
  return flat(writeHandOver(extract(session.items, { tokens: (bytesOf(session.items) / bytesPerToken) * share, bytesPerToken })));
}

describe("within a fifth of the session's tokens, the extract", () => {
  test.each(sessionKinds)("of a %s session keeps every demand and every open call", (kind) => {
    for (const seed of seeds) {
      const session = agentSession(kind, seed);
      const text = extractOf(session, 0.2);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytesOf(session.items) * 0.2);
      expect(
        session.constraints.filter((constraint) => !text.includes(flat(constraint))),
        session.name,
      ).toEqual([]);
      for (const { callId, given } of session.openCalls) {
        expect(text, session.name).toContain(`(${callId})`);
        expect(text, session.name).toContain(flat(given));
      }
    }
  });

  test("keeps nearly all else that was planted", () => {
    const missed: string[] = [];
    let planted = 0;
    for (const session of sessions) {
      const text = extractOf(session, 0.2);
      planted += session.facts.length;
      for (const fact of session.facts) if (!text.includes(flat(fact.text))) missed.push(`${session.name}: ${fact.kind} ${fact.text}`);
    }
    if (process.env["WAYSTATION_SHOW"] !== undefined) console.log(`${planted - missed.length} of ${planted}`, missed.slice(0, 40));
    expect(1 - missed.length / planted, missed.slice(0, 20).join("\n")).toBeGreaterThan(0.97);
  });

  test("does not tell as a failure what was mended", () => {
    for (const session of sessions) {
      const text = extractOf(session, 0.2);
      expect(session.mended.filter((failure) => text.includes(failure))).toEqual([]);
    }
  });

  test("leaves out what the client puts in by itself", () => {
    for (const session of sessions) expect(extractOf(session, 0.2)).not.toMatch(/say moo|environment_context|sandboxing/);
  });
});

test("the sessions are of the sizes of real ones, and each plants something", () => {
  for (const session of sessions) {
    expect(session.items.length, session.name).toBeGreaterThanOrEqual(20);
    expect(session.items.length, session.name).toBeLessThanOrEqual(400);
    expect(session.constraints.length, session.name).toBeGreaterThan(0);
    expect(session.facts.length + session.openCalls.length, session.name).toBeGreaterThan(0);
  }
});
