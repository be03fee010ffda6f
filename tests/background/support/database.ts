/** A database of its own for each test. */
import 'fake-indexeddb/auto';
import { Database } from '../../../background/database';

let count = 0;

export function newDatabase(): Database {
  count += 1;
  return new Database({ name: `test-${count}` });
}

const readable = (_key: string, value: unknown): unknown => {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('latin1');
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
};

/** Everything that lies in the database, as text: to look for what must not be there. */
export async function dumpOf(database: Database): Promise<string> {
  const tables = await Promise.all(database.tables.map(async (table) => [table.name, await table.toArray()]));
  return JSON.stringify(tables, readable);
}
