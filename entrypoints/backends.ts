import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { answerFormOf } from '../background/answer-form';
import { createBoundSocket } from '../background/bound-socket';
import { createCallRecorder } from '../background/call-recorder';
import { formed } from '../background/formed';
import { createLocalServers } from '../background/local-servers';
import { offer } from '../background/on-demand';
import { answerOpenAi } from '../background/openai/endpoints';
import { createSignIn } from '../background/sign-in';
import { createSuspicion } from '../background/suspicion';
import { createTransfer } from '../background/transfer';
import { createProvider } from '../providers/create-provider';

/** The part of the background that speaks to backends, with what a person does once in a while. */
export default defineUnlistedScript(() =>
  offer('backends', {
    answerOpenAi,
    createBoundSocket,
    createCallRecorder,
    createProvider,
    createLocalServers,
    createSignIn,
    createSuspicion,
    createTransfer,
    answerFormOf,
    formed,
  }),
);
