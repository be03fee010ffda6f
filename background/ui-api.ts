/** What Oriel's own pages may do. Every operation of the closed table stands here, and nothing else is reachable from them. */

import type { Reply } from '../protocol/channel';
import { AiError } from '../protocol/errors';
import type { UiCall, UiOperation, UiOperations } from '../protocol/ui-messages';
import type { Activity } from './activity';
import { type ActivityApiDeps, createActivityApi } from './activity-api';
import type { Approvals } from './approvals';
import { createBudgetApi } from './budget-api';
import type { Chat } from './chat';
import type { Connections } from './connections';
import { createDeviceApi, type DeviceApiDeps } from './device-api';
import type { Grants } from './grants';
import type { Site } from './identity';
import type { Jobs } from './jobs';
import type { KeptChat } from './kept-chat';
import type { LocalServers } from './local-servers';
import type { Meter } from './meter';
import type { ModelLists } from './model-lists';
import type { OpenTabs } from './open-tabs';
import type { OpenAiSites } from './openai-sites';
import { assembleOverview } from './overview';
import type { Router } from './router';
import type { Rules } from './rules';
import type { Runs } from './runs';
import type { Selection } from './selection';
import type { SignIn } from './sign-in';
import type { Store } from './store';
import type { StoreLoss } from './store-loss';
import type { Surface } from './surface';
import type { Undo } from './undo';
import type { UnreadableRows } from './unreadable-rows';
import { createVaultApi, isClosed, type VaultApiDeps } from './vault-api';

export interface UiDeps extends VaultApiDeps, ActivityApiDeps, DeviceApiDeps {
  readonly connections: Connections;
  readonly models: ModelLists;
  readonly undoConnection: Undo;
  readonly grants: Grants;
  readonly rules: Rules;
  readonly router: Router;
  readonly approvals: Approvals;
  readonly runs: Runs;
  readonly jobs: Pick<Jobs, 'drop'>;
  readonly chat: Chat;
  readonly keptChat: KeptChat;
  readonly selection: Selection;
  readonly openTabs: OpenTabs;
  readonly activity: Activity;
  readonly hasBrowserModel: () => boolean;
  readonly meter: Meter;
  readonly openAiSites: OpenAiSites;
  readonly localServers: () => Promise<LocalServers>;
  readonly signIn: () => Promise<SignIn>;
  readonly surface: Pick<Surface, 'shows'>;
  readonly store: Store;
  readonly aside: UnreadableRows;
  readonly loss: StoreLoss;
  readonly onChange: () => void;
}

/** What answers with nothing may resolve to anything. */
type Answer<Output> = [Output] extends [undefined] ? unknown : Output;
type Table = {
  readonly [Operation in UiOperation]: (
    input: UiOperations[Operation]['input'],
    /** For what streams. */
    reply: Reply,
  ) => Promise<Answer<UiOperations[Operation]['output']>>;
};

export type UiApi = (call: UiCall, reply: Reply) => Promise<unknown>;

export function createUiApi(deps: UiDeps): UiApi {
  const {
    connections,
    models,
    grants,
    rules,
    router,
    approvals,
    runs,
    jobs,
    chat,
    keptChat,
    selection,
    openTabs,
    activity,
    localServers,
    surface,
    store,
    aside,
    onChange,
  } = deps;

  const setSite = async ({ subject, isPrivate = false, action }: UiOperations['site-set']['input']) => {
    const actions = {
      revoke: grants.revoke,
      block: grants.block,
      unblock: grants.unblock,
      'ask-again': grants.askAgain,
      'use-here': grants.useHere,
      'use-oriel': (site: Site) => grants.answerPromptApi(site, 'oriel'),
      'use-browser': (site: Site) => grants.answerPromptApi(site, 'browser'),
    };
    // What is done to a site holds in private windows as well; what is done in one leaves nothing elsewhere (security.md T44).
    const sites = (isPrivate ? [true] : [false, true]).map((inPrivate) => ({ subject, isPrivate: inPrivate }));
    const apply = async () => {
      for (const site of sites) await actions[action](site);
    };
    if (action === 'revoke' || action === 'block') await takeBack(sites, apply);
    else await apply();
    if (action === 'block') for (const site of sites) await approvals.refuseSite(site);
    onChange();
  };

  /** Stopped at once, and again when it is written: a call that was let through in between is stopped too. */
  const takeBack = async (sites: readonly Site[], apply: () => Promise<void>) => {
    sites.forEach(runs.stopSite);
    try {
      for (const site of sites) await jobs.drop(site);
      await apply();
    } finally {
      sites.forEach(runs.stopSite);
    }
  };

  /** The key goes from the sign-in into the vault; no page of Oriel holds it. */
  const signInAndSave = async ({ id, terms, ...input }: UiOperations['connection-sign-in']['input']) => {
    // A key goes to its own provider's connection; another's would send it elsewhere.
    const isTheirs = (await connections.list()).some((record) => record.id === id && record.providerId === input.providerId);
    if (id !== undefined && !isTheirs) throw new AiError('invalid-request', 'This connection is gone.');
    const key = await (await deps.signIn()).run(input.providerId, terms);
    return id === undefined ? connections.add({ ...input, key }) : { ...(await connections.update({ ...input, id, key })), id };
  };

  const stopAll = async () => {
    runs.stopAll();
    await jobs.drop();
  };

  const setRule = async ({ subject, rule, choosesModel }: UiOperations['site-rule-set']['input']) => {
    await rules.set(subject, rule);
    for (const isPrivate of [false, true]) {
      await grants.follow({ subject, isPrivate });
      await grants.setScope({ subject, isPrivate }, 'models.choose', choosesModel);
    }
    onChange();
  };

  const table: Table = {
    overview: () => assembleOverview(deps),

    'connection-add': connections.add,
    'connection-update': connections.update,
    'connection-sign-in': (input) => signInAndSave(input),
    async 'connection-remove'({ id }) {
      const undo = await connections.remove(id);
      await models.forget(id);
      return { undo };
    },
    'connection-restore': ({ undo }) => deps.undoConnection.undo(undo),
    'connection-move': ({ id, direction }) => connections.move(id, direction),
    'connection-duplicate': async ({ id }) => ({ id: await connections.duplicate(id) }),
    'connection-test': ({ id }) => connections.test(id),
    'connection-use': ({ id }) => connections.use(id),
    'model-use': ({ id, model }) => connections.useModel(id, model),
    models: ({ id }) => models.ask(id),
    'models-known': ({ id }) => models.known(id),
    'model-favourite': ({ id, model, isFavourite }) => models.setFavourite(id, model, isFavourite),

    'approval-decide': ({ id, digest, decision, messages }) => approvals.decide(id, digest, decision, messages),
    'approval-content': async ({ id }) => approvals.content(id),
    'approval-shown': ({ id }) => surface.shows(id),

    'tab-sites': ({ tabId }) => grants.sitesOfTab(tabId),
    'tab-opened-before': ({ tabId }) => openTabs.has(tabId),
    'tab-reload': ({ tabId }) => openTabs.reload(tabId),
    sites: () => grants.sites(),
    'site-set': setSite,

    chat,
    'chat-kept': keptChat.read,
    'chat-keep': ({ turns, over }) => keptChat.keep(turns, over),
    'chat-forget': ({ over }) => keptChat.forget(over),
    'selection-taken': ({ windowId }) => selection.taken(windowId),
    'run-stop': async ({ id }) => runs.stop(id),
    'run-stop-all': () => stopAll(),
    'failure-dismiss': ({ id }) => activity.dismiss(id),

    'find-servers': async () => (await localServers()).find(),
    'identify-server': async ({ address }) => (await localServers()).identify(address),

    'approval-change': async ({ id, ...named }) => approvals.change(id, await router.choose(named)),
    'site-rule': ({ subject }) => rules.of(subject),
    'site-rule-set': setRule,
    'openai-site': ({ origin }) => deps.openAiSites.isOn(origin),
    'openai-site-set': ({ origin, on }) => deps.openAiSites.set(origin, on),
    ...createDeviceApi(deps),
    ...createBudgetApi(deps),
    ...createActivityApi(deps),
    ...createVaultApi(deps),

    'store-retry': () => store.retry(),
    'store-renew': () => store.renew(),
    'store-aside-file': () => aside.file(),
    async 'store-lost-dismiss'() {
      await deps.loss.begin();
      onChange();
    },
    async 'store-aside-remove'() {
      await aside.remove();
      onChange();
    },
  };

  return async ({ type, input }, reply) => {
    // Of a store that cannot be read nobody can say whether its vault is locked; what is in it stays as encrypted as it was.
    const mends = (type === 'store-retry' || type === 'store-renew') && (await store.fault()) !== undefined;
    if (!mends && (await isClosed(type, deps))) throw new AiError('invalid-state', 'The vault is locked.', { field: 'vault' });
    // The table pairs each operation with its input; TypeScript cannot follow the lookup.
    const operation = table[type] as (input: unknown, reply: Reply) => Promise<unknown>;
    return operation(input, reply);
  };
}
