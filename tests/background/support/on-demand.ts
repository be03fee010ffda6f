/** What the background loads when it needs it, there from the start. */
import { answerFormOf } from '../../../background/answer-form';
import { createBoundSocket } from '../../../background/bound-socket';
import { createCallRecorder } from '../../../background/call-recorder';
import { createDownloads } from '../../../background/downloads';
import { formed } from '../../../background/formed';
import { createLocalServers } from '../../../background/local-servers';
import type { OnDemand } from '../../../background/on-demand';
import { answerOpenAi } from '../../../background/openai/endpoints';
import { createScreens } from '../../../background/screens';
import { createSetAside } from '../../../background/set-aside';
import { createSignIn } from '../../../background/sign-in';
import { createStore } from '../../../background/store';
import { createSuspicion } from '../../../background/suspicion';
import { createTransfer } from '../../../background/transfer';
import { createHasher } from '../../../ondevice/hasher';
import { createModelStore } from '../../../ondevice/model-store';
import { createProvider } from '../../../providers/create-provider';

export const noEngine = () => Promise.reject(new Error('No test of the background runs a model in it.'));

export const onDemand: OnDemand = {
  backends: async () => ({
    answerOpenAi,
    createProvider,
    createHasher,
    createLocalServers,
    createSignIn,
    createBoundSocket,
    createCallRecorder,
    createSuspicion,
    createTransfer,
    answerFormOf,
    formed,
  }),
  screens: async () => ({ createScreens, createDownloads, createModelStore, createSetAside, createStore }),
  engine: noEngine,
};
