/** The connections of the person: saved, tested, chosen, and whether they need attention. It makes the provider of each. */

import type { ConnectionTest } from '../protocol/connection-test';
import type { Engine } from '../protocol/engine';
import { AiError, backendError, toPersonError } from '../protocol/errors';
import type { ModelInfo } from '../protocol/generate';
import { type ConnectionId, newConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { ConnectionInput } from '../protocol/ui-messages';
import { uniqueName } from '../protocol/unique-name';
import { rowOf } from '../providers/catalog';
import { placeOfAddress } from '../providers/place';
import type { CatalogRow, Provider, ProviderContext } from '../providers/provider';
import type { Breaker } from './breaker';
import type { Browser } from './browser-api';
import { type ConnectionList, connectionGone, createConnectionList } from './connection-list';
import { bindingOf, needsAttention, rowOfConnection } from './connection-state';
import type { ConnectionRecord } from './database';
import type { Egress } from './egress';
import type { OnDemand } from './on-demand';
import type { Redactor } from './redact';
import type { Rows } from './rows';
import type { OnSent } from './sent-bodies';
import type { Undo } from './undo';
import type { Vault } from './vault';

export interface Connections {
  list(): Promise<readonly ConnectionRecord[]>;
  /** The one that answers; undefined where nothing is connected. */
  active(): Promise<ConnectionRecord | undefined>;
  /** @throws AiError `invalid-request` with the form's field */
  add(input: ConnectionInput & { readonly providerId: string }): Promise<ConnectionTest & { readonly id: ConnectionId }>;
  update(input: ConnectionInput & { readonly id: ConnectionId }): Promise<ConnectionTest>;
  move: ConnectionList['move'];
  duplicate: ConnectionList['duplicate'];
  remove: ConnectionList['remove'];
  test(id: ConnectionId): Promise<ConnectionTest>;
  use(id: ConnectionId): Promise<void>;
  useModel(id: ConnectionId, model: string): Promise<void>;
  models(id: ConnectionId): Promise<readonly ModelInfo[]>;
  /** Whether the models of a connection are known; nothing is asked. */
  isListed(id: ConnectionId): boolean;
  /** What the last list said of a model, of the chosen one also after a restart; nothing is asked. */
  knownModel(record: ConnectionRecord, model: string): ModelInfo | undefined;
  /** @param onSent is told the body of each request for an answer */
  provider(record: ConnectionRecord, onSent?: OnSent): Promise<Provider>;
  /** Records how a use went: an error that the person must mend marks the connection, a success clears the mark. */
  used(id: ConnectionId, error: AiError | undefined): Promise<void>;
  /** Connections were added behind its back. */
  imported(): void;
  /** The keys of these are gone: each says so and asks for it again. */
  keysLost(ids: readonly ConnectionId[]): Promise<void>;
  /** Tells the browser which servers must not see our Origin. Awaited before the first request after a wake-up. */
  ready(): Promise<void>;
}

interface ConnectionDeps {
  readonly database: Rows;
  readonly vault: Pick<Vault, 'save' | 'copy' | 'remove' | 'written'>;
  readonly undo: Undo;
  readonly redactor: Redactor;
  readonly egress: Egress;
  readonly engine: Engine;
  readonly breaker: Breaker;
  readonly backends: OnDemand['backends'];
  readonly setup: OnDemand['setup'];
  readonly browserModel?: ProviderContext['browserModel'];
  readonly setOriginRules: Browser['setOriginRules'];
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createConnections(deps: ConnectionDeps): Connections {
  const { database, vault, egress, engine, now, onChange } = deps;
  const lists = new Map<ConnectionId, readonly ModelInfo[]>();
  let rulesSet: Promise<void> | undefined;

  const relisted = () => {
    renewRules();
    onChange();
  };
  const { list, move, duplicate, remove } = createConnectionList({ database, vault, undo: deps.undo, now, onChange: relisted });

  const get = async (id: ConnectionId) => {
    const record = await database.row('connections', id);
    if (!record) throw connectionGone();
    return record;
  };

  const names = async () => (await list()).map(({ name }) => name);
  const table = async () => (await database.whole()).connections;

  const chosen = database.remember('settings', async () => (await database.row('settings', 'active-connection'))?.value);
  const find = async (id: ConnectionId | undefined) => (await list()).find((connection) => connection.id === id);
  const active = async () => find(await chosen('active'));

  const use = async (id: ConnectionId) => {
    await get(id);
    await (await database.whole()).settings.put({ key: 'active-connection', value: id });
    onChange();
  };

  const change = async (id: ConnectionId, fields: Partial<ConnectionRecord>) => {
    await (await table()).update(id, fields);
    onChange();
  };

  const setRules = async () => {
    if (!deps.setOriginRules) return;
    const baseUrls = (await list()).flatMap(({ baseUrl }) => baseUrl ?? []);
    const local = baseUrls
      .filter((baseUrl) => placeOfAddress(baseUrl) === 'this-computer')
      .map((baseUrl) => new URL(baseUrl).origin);
    await deps.setOriginRules([...new Set(local)].map((origin) => ({ origin })));
  };

  const providerContext = (connection: ConnectionRecord, row: CatalogRow): ProviderContext => ({
    ...{ connection, engine, browserModel: deps.browserModel, now },
    known: (model: string) => knownModel(connection, model),
    fetch: egress.bind(connection, row, connection.keyEnding !== undefined),
    socket: egress.bindSocket(connection, row),
  });

  const provider = async (connection: ConnectionRecord, onSent?: OnSent) => {
    const { createProvider, cleanProvider, watched } = await deps.backends();
    const row = rowOfConnection(connection);
    const context = providerContext(connection, row);
    return cleanProvider(createProvider(row, onSent ? watched(context, onSent) : context), deps.redactor);
  };

  const listed = (id: ConnectionId, model: string) => lists.get(id)?.find((info) => info.id === model);

  const knownModel = ({ id, known }: ConnectionRecord, model: string) =>
    listed(id, model) ?? (known?.id === model ? known : undefined);

  const remember = async (id: ConnectionId) =>
    (await table()).where({ id }).modify((record) => {
      record.known = record.defaultModel === undefined ? undefined : listed(id, record.defaultModel);
    });

  const models = async (id: ConnectionId) => {
    const record = await get(id);
    await ready();
    const timeout = AbortSignal.timeout(limits.probeTimeout);
    try {
      const found = await (await provider(record)).models(timeout);
      lists.set(id, found);
      await remember(id);
      return found;
    } catch (error) {
      // To the provider the end of our patience is an abort like any other.
      throw timeout.aborted ? backendError('timeout', 'The server did not answer in time.', { cause: error }) : error;
    }
  };

  /** One after the other, since a rule's id may be set once; what failed is tried again by the next request. */
  const renewRules = () => {
    const renewed = (rulesSet ?? Promise.resolve()).then(setRules, setRules);
    rulesSet = renewed;
    renewed.catch(() => {
      if (rulesSet === renewed) rulesSet = undefined;
    });
    return renewed;
  };

  const ready = () => rulesSet ?? renewRules();

  const used = async (id: ConnectionId, error: AiError | undefined) => {
    deps.breaker.ended(id, error);
    const record = await find(id);
    if (!record) return;
    const attention = needsAttention.has(error?.fault) ? toPersonError(error) : undefined;
    // A failure that passes by itself says nothing about the connection.
    if ((error && !attention) || (!error && !record.attention)) return;
    await change(id, { attention });
  };

  const test = async (id: ConnectionId): Promise<ConnectionTest> => {
    try {
      const found = await models(id);
      deps.breaker.ended(id, undefined);
      const record = await get(id);
      const { readBalance, suggestModel, unlistedModel } = await deps.backends();
      const defaultModel = record.defaultModel ?? suggestModel(rowOfConnection(record), found);
      await change(id, { attention: undefined, defaultModel });
      await remember(id);
      const balance = await readBalance(await provider(record));
      return { type: 'connected', models: found, balance, unlistedModel: unlistedModel(defaultModel, found) };
    } catch (caught) {
      const attention = toPersonError(caught);
      await change(id, { attention });
      return { type: 'failed', error: attention };
    }
  };

  /** Saves the key for the origin that the connection has now; at another origin it would not open. */
  const saveKey = async (record: ConnectionRecord, key: string | undefined) => {
    const binding = bindingOf(record, rowOfConnection(record));
    if (key === undefined || !binding) return;
    const secret = key.trim();
    if (secret === '') {
      await vault.remove(record.id);
      return change(record.id, { keyEnding: undefined });
    }
    await vault.save(binding, secret);
    // Of a short key the ending would be too much of it.
    await change(record.id, { keyEnding: secret.length < 12 ? '' : secret.slice(-4) });
  };

  const saved = async (id: ConnectionId) => {
    renewRules();
    lists.delete(id);
    onChange();
    return test(id);
  };

  return {
    list,
    move,
    duplicate,
    remove,
    models,
    provider,
    ready,
    test,
    used,
    active,
    use,

    async add(input) {
      const row = rowOf(input.providerId);
      if (!row) throw new AiError('invalid-request', 'There is no such provider.', { field: 'providerId' });
      const { readBaseUrl, checkedOptions } = await deps.setup();
      const baseUrl = row.address.type === 'asked' ? readBaseUrl(input.baseUrl ?? '', row) : undefined;
      if (row.auth.type === 'header' && row.auth.required && !input.key?.trim()) {
        throw new AiError('invalid-request', 'The API key is missing.', { field: 'key' });
      }
      const id = newConnectionId();
      const record: ConnectionRecord = {
        id,
        providerId: row.id,
        name: input.name?.trim() || uniqueName(row.name, await names()),
        createdAt: now(),
        ...(baseUrl !== undefined && { baseUrl }),
        ...(input.defaultModel?.trim() && { defaultModel: input.defaultModel.trim() }),
        ...(input.options && { options: checkedOptions(input.options, row) }),
      };
      await (await table()).add(record);
      try {
        await saveKey(record, input.key);
      } catch (error) {
        await (await table()).delete(id);
        throw error;
      }
      if (!(await active())) await use(id);
      return { ...(await saved(id)), id };
    },

    async update(input) {
      const record = await get(input.id);
      const row = rowOfConnection(record);
      const { readBaseUrl, checkedOptions } = await deps.setup();
      const baseUrl =
        row.address.type === 'asked' && input.baseUrl !== undefined ? readBaseUrl(input.baseUrl, row) : record.baseUrl;
      const isMoved =
        record.baseUrl !== undefined && baseUrl !== undefined && new URL(record.baseUrl).origin !== new URL(baseUrl).origin;
      const next: ConnectionRecord = {
        ...record,
        baseUrl,
        name: input.name?.trim() || record.name,
        defaultModel: input.defaultModel === undefined ? record.defaultModel : input.defaultModel.trim() || undefined,
        options: input.options ? checkedOptions(input.options, row) : record.options,
      };
      // A key never follows to another host: there it is typed again, by someone who sees the new host.
      const key = isMoved ? (input.key ?? '') : input.key;
      await saveKey(next, key);
      await change(next.id, { baseUrl, name: next.name, defaultModel: next.defaultModel, options: next.options });
      return saved(next.id);
    },

    async useModel(id, model) {
      await get(id);
      const known = listed(id, model);
      await change(id, { defaultModel: model, known });
      // The list died with an earlier background: what it says of this model's price is asked for once more.
      if (!known) await models(id).catch(() => undefined);
    },

    isListed: (id) => lists.has(id),

    imported: relisted,

    async keysLost(ids) {
      const attention = toPersonError(backendError('secret-missing', 'The key is gone.'));
      for (const id of ids) await change(id, { keyEnding: undefined, attention });
    },

    knownModel,
  };
}
