/**
 * What small tables answered, kept in memory until anything is written to them: a request asks the same few rows over and over.
 *
 * Nothing kept can be older than the table. A write drops the answers of its table before it begins, those that are still on their way too; what
 * is asked from then on is read in a transaction that was made after the one that writes, for which the browser lets it wait: so it sees what
 * became of it, and the old rows where it failed. Inside a transaction, which may have written what does not hold yet, nothing is taken from
 * memory and nothing kept. A database that was closed and opened again has lost every answer. All this holds because the background alone has the
 * database open (tests/architecture.test.ts).
 */

import type { DBCore, Middleware } from 'dexie';
import { limits } from '../protocol/limits';

/** Reads what belongs to a key, from memory where it was read before. What it resolves to is frozen. */
export type Remembered<Answer> = (key: string) => Promise<Answer>;

interface Source {
  /** The open database; null where it is not open. */
  readonly opened: () => IDBDatabase | null;
  readonly isInTransaction: () => boolean;
}

export type Memory = ReturnType<typeof createMemory>;

export function createMemory({ opened, isInTransaction }: Source) {
  const answersOf = new Map<string, Map<string, unknown>[]>();
  const writes = new Map<string, number>();
  let remembered: IDBDatabase | undefined;

  const forget = (table: string) => {
    for (const answers of answersOf.get(table) ?? []) answers.clear();
  };
  const begin = (table: string) => {
    forget(table);
    writes.set(table, (writes.get(table) ?? 0) + 1);
  };

  /** Sees every write but those of `putAtOnce` (rows.ts), which tells of its own. */
  const middleware: Middleware<DBCore> = {
    stack: 'dbcore',
    name: 'remembered',
    create: (down) => ({
      table(name) {
        const table = down.table(name);
        return {
          ...table,
          mutate(request) {
            begin(name);
            return table.mutate(request);
          },
        };
      },
    }),
  };

  return {
    middleware,

    /** Told of a write that goes past the middleware, before it begins. */
    begin,

    /** How many writes to this table have begun. */
    writesTo: (table: string): number => writes.get(table) ?? 0,

    /** @param read asks this one table, and nothing else */
    remember<Answer>(table: string, read: (key: string) => PromiseLike<Answer>): Remembered<Answer> {
      const answers = new Map<string, Promise<Answer>>();
      answersOf.set(table, [...(answersOf.get(table) ?? []), answers]);
      return async (key) => {
        const database = opened();
        if (!database || isInTransaction()) return read(key);
        if (database !== remembered) for (const name of answersOf.keys()) forget(name);
        remembered = database;
        const known = answers.get(key);
        if (known) return known;
        // Pages choose what is asked: what they leave here has an end.
        if (answers.size >= limits.rememberedRows) answers.clear();
        const answer = Promise.resolve(read(key)).then(frozen);
        answers.set(key, answer);
        answer.catch(() => answers.get(key) === answer && answers.delete(key));
        return answer;
      };
    },
  };
}

/** Whoever changes what all others are given is told. Rows of these tables are plain data. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
