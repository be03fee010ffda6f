/** Looks at the usual ports of this computer for servers that speak a wire format Oriel knows. It only looks; connecting is the person's step. */

import type { Engine } from '../protocol/engine';
import { toConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { LocalServer } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { createProvider } from '../providers/create-provider';
import type { Egress } from './egress';

interface Deps {
  readonly egress: Pick<Egress, 'bind' | 'bindSocket'>;
  readonly engine: Engine;
  readonly now: () => number;
}

/** Where the servers of this field listen unless told otherwise (backends/local.md 1.3). Dated: November 2026. */
export const usualPorts = [11434, 1234, 8080, 9931, 5001, 5000, 1337, 8000] as const;

export interface LocalServers {
  /** Those that answer with a model list within `limits.findTimeout`, in the order of the ports. */
  find(): Promise<readonly LocalServer[]>;
}

export function createLocalServers({ egress, engine, now }: Deps, ports: readonly number[] = usualPorts): LocalServers {
  const row = rowOf('openai-compatible');
  if (!row) throw new Error('The catalog has no row for servers of the person.');

  const look = async (port: number): Promise<readonly LocalServer[]> => {
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const connection = { id: toConnectionId(`port-${port}`), providerId: row.id, name: '', baseUrl };
    const provider = createProvider(row, {
      ...{ connection, engine, now },
      fetch: egress.bind(connection, row),
      socket: egress.bindSocket(connection, row),
    });
    try {
      const models = await provider.models(AbortSignal.timeout(limits.findTimeout));
      return [{ baseUrl, models: models.map(({ name }) => name) }];
    } catch {
      // Nothing there, or something else: both are the usual case of a port.
      return [];
    }
  };

  return { find: async () => (await Promise.all(ports.map(look))).flat() };
}
