/** Looks at the usual ports of this computer for servers that speak a wire format Oriel knows. It only looks; connecting is the person's step. */

import type { Engine } from '../protocol/engine';
import { toConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { LocalServer } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { createClock } from '../providers/clock';
import { createProvider } from '../providers/create-provider';
import { errand } from '../providers/exchange';
import { createHttp } from '../providers/http';
import type { CatalogRow } from '../providers/provider';
import { fingerprints } from '../providers/server-fingerprints';
import type { Egress } from './egress';

interface Deps {
  readonly egress: Pick<Egress, 'bind' | 'bindSocket'>;
  readonly engine: Engine;
  readonly now: () => number;
}

/** Where the servers of this field listen unless told otherwise (backends/local.md 1.3). Dated: November 2026. */
export const usualPorts = [11434, 1234, 8080, 9931, 5001, 5000, 1337, 8000] as const;

export interface LocalServers {
  /** Those that show which they are, or answer with a model list, within `limits.findTimeout`, in the order of the ports. */
  find(): Promise<readonly LocalServer[]>;
}

export function createLocalServers({ egress, engine, now }: Deps, ports: readonly number[] = usualPorts): LocalServers {
  const clock = createClock(now);

  const knownRow = (id: string): CatalogRow => {
    const row = rowOf(id);
    if (!row) throw new Error(`The catalog has no row ${id}.`);
    return row;
  };

  const bind = (port: number, row: CatalogRow) => {
    const path = row.address.type === 'asked' ? row.address.path : '';
    const baseUrl = `http://127.0.0.1:${port}${path}`;
    const connection = { id: toConnectionId(`port-${port}`), providerId: row.id, name: '', baseUrl };
    return { connection, baseUrl, fetch: egress.bind(connection, row), socket: egress.bindSocket(connection, row) };
  };

  /** The row of a server that shows its own name; any other may still speak the language of most. */
  async function recognize(port: number, signal: AbortSignal): Promise<CatalogRow | undefined> {
    for (const { providerId, matches } of fingerprints) {
      const row = knownRow(providerId);
      const { baseUrl, fetch } = bind(port, row);
      const http = createHttp({ fetch, clock, isLocal: true, headers: {} });
      const get = (path: string) =>
        // What does not answer, or not in JSON, shows nothing: the usual case of a port.
        errand(signal, clock, (lifeline) => http.get(baseUrl + path, lifeline)).catch(() => undefined);
      if (await matches(get)) return row;
    }
    return undefined;
  }

  const look = async (port: number): Promise<readonly LocalServer[]> => {
    const signal = AbortSignal.timeout(limits.findTimeout);
    const recognized = await recognize(port, signal);
    const row = recognized ?? knownRow('openai-compatible');
    const { connection, baseUrl, fetch, socket } = bind(port, row);
    try {
      const models = await createProvider(row, { connection, fetch, socket, engine, now }).models(signal);
      return [{ providerId: row.id, baseUrl, models: models.map(({ name }) => name) }];
    } catch {
      // Nothing there, or something else: both are the usual case of a port. One that is known may want a password, or a model first.
      return recognized === undefined ? [] : [{ providerId: row.id, baseUrl, models: [] }];
    }
  };

  return { find: async () => (await Promise.all(ports.map(look))).flat() };
}
