/** What the background loads when it needs it, there from the start. */
import Dexie from 'dexie';
import { createActivityLog } from '../../../background/activity-log';
import { readBaseUrl } from '../../../background/address';
import { answerFormOf } from '../../../background/answer-form';
import { readBalance } from '../../../background/balance';
import { createBoundSocket } from '../../../background/bound-socket';
import { createCallRecorder } from '../../../background/call-recorder';
import { cleanProvider } from '../../../background/clean-provider';
import { Database } from '../../../background/database';
import { formed } from '../../../background/formed';
import { createLocalServers } from '../../../background/local-servers';
import type { OnDemand } from '../../../background/on-demand';
import { answerOpenAi } from '../../../background/openai/endpoints';
import { checkedOptions } from '../../../background/own-headers';
import { createScreens } from '../../../background/screens';
import { watched } from '../../../background/sent-bodies';
import { createSignIn } from '../../../background/sign-in';
import { createMark } from '../../../background/store-loss';
import { suggestModel } from '../../../background/suggest-model';
import { createSuspicion } from '../../../background/suspicion';
import { createTransfer } from '../../../background/transfer';
import { unlistedModel } from '../../../background/unlisted-model';
import { createUsageSums } from '../../../background/usage-sums';
import { createVaultCopyStore } from '../../../background/vault-copy';
import { createProvider } from '../../../providers/create-provider';
import { deviceModel, type TestStore } from './device';
import { noSocket } from './sockets';

export const noEngine = () => Promise.reject(new Error('No test of the background runs a model in it.'));

/** @param openSocket as a browser without streams of sockets has it */
export const onDemandWith = (store: TestStore, openSocket: (url: string) => WebSocket = noSocket): OnDemand => ({
  backends: async () => ({
    cleanProvider,
    createProvider,
    createModelFiles: () => store,
    openSocket: (url, signal) => createBoundSocket(openSocket(url), signal),
    createCallRecorder,
    createSuspicion,
    readBalance,
    suggestModel,
    unlistedModel,
    watched,
  }),
  database: async () => ({
    Dexie,
    createDatabase: (start) => new Database(start),
    createVaultCopyStore,
    createUsageSums,
    createActivityLog,
  }),
  forms: async () => ({ answerOpenAi, answerFormOf, formed }),
  setup: async () => ({ checkedOptions, createLocalServers, createSignIn, createTransfer, readBaseUrl }),
  screens: async () => ({
    createScreens: (deps) =>
      createScreens(deps, {
        store,
        shelf: [deviceModel],
        hubOrigin: 'https://hub.test',
        estimate: async () => ({ quota: 1e9, usage: 0 }),
        tryDisk: async () => 'written',
        mark: createMark({ getDirectory: async () => store.directory.handle }),
        wait: async () => undefined,
      }),
  }),
  engine: noEngine,
});
