// Owners by number: rows carry the number, so that nobody's rows are found with another's name.
import type { DatabaseSync } from "node:sqlite";

/** The table of owners. */
export interface Owners {
  /** The number of an owner, new where the name is. */
  put(name: string): number;
  /** The number of an owner; one that nobody has where the name is new. */
  find(name: string): number;
  /** What was put in a transaction that was undone is not there. */
  reset(): void;
}

const NOBODY = -1;
const MOST_REMEMBERED = 10_000;

/** Opens the table. */
export function openOwners(database: DatabaseSync): Owners {
  const find = database.prepare("SELECT id FROM owners WHERE name = ?");
  const insert = database.prepare("INSERT INTO owners (name) VALUES (?)");
  const remembered = new Map<string, number>();
  const remember = (name: string, id: number): number => {
    if (remembered.size < MOST_REMEMBERED) remembered.set(name, id);
    return id;
  };
  const look = (name: string): number => {
    const known = remembered.get(name);
    if (known !== undefined) return known;
    const found = find.get(name)?.["id"];
    return found === undefined ? NOBODY : remember(name, Number(found));
  };
  return {
    find: look,
    put: (name) => {
      const known = look(name);
      return known === NOBODY ? remember(name, Number(insert.run(name).lastInsertRowid)) : known;
    },
    reset: () => remembered.clear(),
  };
}
