/**
 * What the backends' lists said, for whoever chooses a model: the last list of each connection at once, also after the background died, with the price
 * of each model where anybody knows it; and the models that the person starred.
 */

import type { ModelInfo } from '../protocol/generate';
import type { ConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Area } from './browser-api';
import type { Connections } from './connections';
import type { ConnectionRecord, Database } from './database';
import { pricedBy, priceOf } from './prices';

export interface ModelLists {
  /** Asks the backend. @throws AiError */
  ask(id: ConnectionId): Promise<readonly ModelInfo[]>;
  /** Asks nobody; undefined where the backend was not asked since the browser started. */
  known(id: ConnectionId): Promise<readonly ModelInfo[] | undefined>;
  /** The newest `limits.favourites` of a connection stay. */
  setFavourite(id: ConnectionId, model: string, isFavourite: boolean): Promise<void>;
  /** The connection is gone. */
  forget(id: ConnectionId): Promise<void>;
}

interface ModelListDeps {
  readonly database: Database;
  readonly session: Area;
  readonly connections: Pick<Connections, 'models'>;
  readonly onChange: () => void;
}

const keyOf = (id: ConnectionId) => `models ${id}`;

/** With the price of the snapshot where the provider tells none. */
function withPrice(connection: ConnectionRecord, info: ModelInfo): ModelInfo {
  const price = info.pricing ? undefined : priceOf(pricedBy(connection, info.id, info));
  return price ? { ...info, pricing: { input: price.input, output: price.output } } : info;
}

export function createModelLists({ database, session, connections, onChange }: ModelListDeps): ModelLists {
  return {
    async ask(id) {
      const found = await connections.models(id);
      const connection = await database.connections.get(id);
      const priced = connection ? found.map((info) => withPrice(connection, info)) : found;
      await session.set(keyOf(id), priced);
      return priced;
    },

    // What this extension wrote itself, in memory no page can reach: trusted as it is.
    known: async (id) => (await session.get(keyOf(id))) as readonly ModelInfo[] | undefined,

    async setFavourite(id, model, isFavourite) {
      await database.connections.where({ id }).modify((record) => {
        const others = (record.favourites ?? []).filter((other) => other !== model);
        record.favourites = isFavourite ? [...others, model].slice(-limits.favourites) : others;
      });
      onChange();
    },

    forget: (id) => session.set(keyOf(id), undefined),
  };
}
