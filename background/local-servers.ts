/**
 * Looks at the usual ports of this computer, or at an address that the person typed, for servers that speak a wire format Oriel knows, and
 * tells which they are. It only looks; connecting is the person's step.
 */

import type { Engine } from '../protocol/engine';
import { toConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Discovery, LocalServer } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import type { CatalogRow } from '../providers/provider';
import { type Answered, knownServers, noServer } from '../providers/server-marks';
import { readBaseUrl } from './address';
import type { Egress } from './egress';
import type { OnDemand } from './on-demand';

interface Deps {
  readonly backends: OnDemand['backends'];
  readonly egress: Pick<Egress, 'bind' | 'bindSocket'>;
  readonly engine: Engine;
  readonly now: () => number;
}

/** Where the servers of this field listen unless told otherwise (backends/local.md 1.3). Dated: November 2026. */
export const usualPorts = [11434, 1234, 8080, 9931, 5001, 5000, 1337, 8000, 4000] as const;

export interface LocalServers {
  /** Those that are known by their marks, or answer with a model list, within `limits.findTimeout`; in the order of the ports. */
  find(): Promise<readonly LocalServer[]>;
  /** What is at this address, in as much time. @throws AiError `invalid-request`, field `baseUrl`, where it is none that may be asked */
  identify(address: string): Promise<Discovery>;
}

/** Looks without a key at whatever listens at a port. */
const looker: CatalogRow = {
  id: 'find',
  name: '',
  dialect: 'openai-chat',
  address: { type: 'asked', example: '', path: '' },
  auth: { type: 'none' },
  quirks: {},
  verified: { against: 'stand-in', on: '2026-11' },
};

export function createLocalServers({ backends, egress, engine, now }: Deps, ports: readonly number[] = usualPorts): LocalServers {
  /** @param root an address without the path of any API */
  const look = async (root: string): Promise<Discovery> => {
    const id = toConnectionId(`at ${root}`);
    const signal = AbortSignal.timeout(limits.findTimeout);
    const get = egress.bind({ id, providerId: looker.id, name: '', baseUrl: root }, looker);

    const ask = async (path: string): Promise<Answered> => {
      try {
        const response = await get(root + path, { signal });
        return { status: response.status, headers: response.headers, body: await readBody(response) };
      } catch {
        // Nothing there, or something that says nothing: both are the usual case of a port.
        return noServer;
      }
    };

    const list = await ask('/v1/models');
    if (list === noServer) return { type: 'nothing' };
    const paths = [...new Set(knownServers.map(({ path }) => path))];
    const answers = new Map(await Promise.all(paths.map(async (path) => [path, await ask(path)] as const)));
    const known = knownServers.find(({ path, isIt }) => isIt(answers.get(path) ?? noServer, list));
    const row = rowOf(known?.providerId ?? 'openai-compatible');
    if (row?.address.type !== 'asked') return { type: 'unknown' };
    const baseUrl = root + row.address.path;
    const connection = { id, providerId: row.id, name: '', baseUrl };
    // No key is known here, so that none is asked for; a server that wants one is found all the same.
    const open: CatalogRow = { ...row, auth: { type: 'none' } };
    const { createProvider } = await backends();
    const provider = createProvider(open, {
      ...{ connection, engine, now },
      fetch: egress.bind(connection, open),
      socket: egress.bindSocket(connection, open),
    });
    const found = (models: LocalServer['models']) =>
      ({ type: 'found', server: { baseUrl, providerId: row.id, models } }) as const;
    try {
      return found((await provider.models(signal)).map(({ name }) => name));
    } catch {
      if (known) return found([]);
      return { type: list.status === 401 || list.status === 403 ? 'locked' : 'unknown' };
    }
  };

  return {
    async find() {
      const seen = await Promise.all(ports.map((port) => look(`http://127.0.0.1:${port}`)));
      return seen.flatMap((one) => (one.type === 'found' ? one.server : []));
    },
    identify: async (address) => look(readBaseUrl(address, looker).replace(apiPath, '')),
  };
}

/** What people paste along with the address of a server. */
const apiPath = /\/(v1|api(\/v1)?)$/;

/** The beginning of an answer, as JSON where it is JSON: what listens at a port may send without end. */
async function readBody(response: Response): Promise<unknown> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader && text.length < limits.modelListBytes) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader?.cancel();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
