// A journal that keeps what turns tell of themselves, for tests to look at. Promises the order in which it was told.
import type { AttemptEnd, Journal, TurnEnd, TurnStart } from "../../src/journal/journal.ts";

/** All that was told of one turn. */
export interface LoggedTurn {
  start: TurnStart;
  attempts: AttemptEnd[];
  end: TurnEnd | null;
}

/** A journal in memory. */
export interface MemoryJournal extends Journal {
  readonly turns: LoggedTurn[];
  /** Resolves with the turn of this number, counted from 0, once it has ended. */
  ended(number: number): Promise<LoggedTurn & { end: TurnEnd }>;
}

/** Makes one. It throws where a turn is told of twice or before its beginning; `next` is told everything too. */
export function createMemoryJournal(next: Journal | null = null): MemoryJournal {
  const turns: LoggedTurn[] = [];
  const waiting = new Set<() => void>();
  const find = (id: string): LoggedTurn => {
    const turn = turns.find((one) => one.start.id === id);
    if (turn === undefined) throw new Error(`${id} has not begun`);
    return turn;
  };
  return {
    turns,
    begin: (start) => {
      if (turns.some((one) => one.start.id === start.id)) throw new Error(`${start.id} begins again`);
      turns.push({ start, attempts: [], end: null });
      next?.begin(start);
    },
    attempt: (attempt) => {
      find(attempt.turn).attempts.push(attempt);
      next?.attempt(attempt);
    },
    end: (end) => {
      const turn = find(end.id);
      if (turn.end !== null) throw new Error(`${end.id} ends again`);
      turn.end = end;
      next?.end(end);
      for (const look of waiting) look();
    },
    counts: () => ({ turns: turns.length, queuedBytes: 0, shedBodies: 0, shedRows: 0, trouble: null }),
    flush: () => next?.flush() ?? Promise.resolve(),
    close: () => Promise.resolve(),
    ended: (number) =>
      new Promise((resolve) => {
        const look = (): void => {
          const turn = turns[number];
          if (turn === undefined || turn.end === null) return;
          waiting.delete(look);
          resolve({ ...turn, end: turn.end });
        };
        waiting.add(look);
        look();
      }),
  };
}
