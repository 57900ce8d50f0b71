// What the thread does for each question, on an open state.db. Promises that an answer depends on nothing but the file and the question.
import type { DatabaseSync } from "node:sqlite";
import { openChain, ROOT } from "./chain.ts";
import { openContents } from "./contents.ts";
import { openConversations } from "./conversations.ts";
import { openEvents } from "./events.ts";
import type { HistoryAnswer, HistoryAsk, Operation, Operations, SaveAsk } from "./message.ts";
import { openOwners } from "./owners.ts";
import { recover } from "./recover.ts";
import { isRunning, openResponses } from "./responses.ts";
import type { Retention, Sweep } from "./sweep.ts";
import { makeSweep } from "./sweep.ts";

/** An open file at work. */
export interface Workings {
  handle: { [Name in Operation]: (ask: Operations[Name]["ask"]) => Operations[Name]["answer"] };
  /** Ends what an earlier process left running. */
  recover(now: number): number;
  sweep: Sweep;
  /** How many responses are kept. */
  responses(): number;
  /** A transaction was undone: nothing remembered of it holds. */
  reset(): void;
}

/** Puts the tables to work. */
export function makeWorkings(database: DatabaseSync, retention: Retention): Workings {
  const owners = openOwners(database);
  const contents = openContents(database);
  const chain = openChain(database, contents);
  const responses = openResponses(database, owners, contents, chain);
  const conversations = openConversations(database, owners, contents);
  const events = openEvents(database, owners);
  const probe = database.prepare("UPDATE owners SET name = name WHERE id = (SELECT max(id) FROM owners)");

  const save = (ask: SaveAsk): void => {
    const { owner, previous, now } = ask;
    const conversation = ask.conversation === null ? null : (conversations.row(owner, ask.conversation)?.id ?? null);
    // Nothing but this save needs the nodes of a conversation.
    const followed = conversation === null ? ROOT : chain.follow(owners.put(owner), conversations.items(conversation));
    const base = previous === null ? followed : (responses.row(owner, previous)?.output ?? ROOT);
    const { status, input, output, loose } = responses.save(ask, base);
    if (conversation !== null && (status === "completed" || status === "incomplete"))
      conversations.take(conversation, now, [...input, ...output]);
    for (const node of [followed, loose]) if (node !== null) chain.release(node);
  };
  const history = (ask: HistoryAsk): HistoryAnswer => {
    let items: readonly { content: number }[] = [];
    if (ask.previous !== null) {
      const parent = responses.row(ask.owner, ask.previous);
      if (parent?.store !== true) return { found: false, missing: "previous" };
      if (isRunning(parent.status)) return { found: false, missing: "unfinished" };
      items = chain.walk(parent.output);
    } else if (ask.conversation !== null) {
      const conversation = conversations.row(ask.owner, ask.conversation);
      if (conversation === undefined) return { found: false, missing: "conversation" };
      items = conversations.items(conversation.id);
    }
    const references: Record<string, string> = {};
    for (const id of ask.references) {
      const kept = chain.find(owners.find(ask.owner), id) ?? conversations.find(ask.owner, id);
      if (kept === undefined) return { found: false, missing: "item", id };
      references[id] = contents.text(kept.content);
    }
    return { found: true, items: `[${items.map(({ content }) => contents.text(content)).join(",")}]`, references };
  };

  return {
    recover: (now) => recover(database, responses, events, now),
    sweep: makeSweep(database, responses, conversations, events, retention),
    responses: () => responses.count(),
    reset: () => {
      owners.reset();
      responses.reset();
    },
    handle: {
      probe: () => {
        probe.run();
        return null;
      },
      save: (ask) => {
        save(ask);
        return null;
      },
      begin: ({ id }) => {
        responses.begin(id);
        return null;
      },
      history,
      response: ({ owner, id, include }) => responses.read(owner, id, include),
      remove: ({ owner, id, now }) => {
        const row = responses.row(owner, id);
        if (row === undefined) return "none";
        if (isRunning(row.status)) return "running";
        responses.hide(row.seq, now);
        return "removed";
      },
      inputItems: ({ owner, id, paging, include }) => responses.inputItems(owner, id, paging, include),
      addEvents: ({ id, first, count, frames, over }) => {
        events.add(id, first, count, frames, over);
        return null;
      },
      events: ({ owner, id, from }) => events.read(owner, id, from),
      createConversation: ({ owner, id, now, metadata, items }) => conversations.create(owner, id, now, metadata, items),
      conversation: ({ owner, id }) => conversations.row(owner, id)?.text ?? null,
      updateConversation: ({ owner, id, now, metadata }) => conversations.update(owner, id, now, metadata),
      removeConversation: ({ owner, id }) => {
        const row = conversations.row(owner, id);
        if (row !== undefined) conversations.remove(row.id);
        return row !== undefined;
      },
      addItems: ({ owner, id, now, items, include }) => {
        const row = conversations.row(owner, id);
        return row === undefined ? { found: false, missing: "list" } : conversations.add(row.id, now, items, include);
      },
      items: ({ owner, id, paging, include }) => {
        const row = conversations.row(owner, id);
        return row === undefined ? { found: false, missing: "list" } : conversations.page(row.id, paging, include);
      },
      item: ({ owner, id, item, include }) => {
        const row = conversations.row(owner, id);
        return { conversation: row !== undefined, text: row === undefined ? null : conversations.item(row.id, item, include) };
      },
      removeItem: ({ owner, id, item, now }) => {
        const row = conversations.row(owner, id);
        if (row === undefined) return { conversation: null, removed: false };
        return { conversation: row.text, removed: conversations.removeItem(row.id, item, now) };
      },
    },
  };
}
