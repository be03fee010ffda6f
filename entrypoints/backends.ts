import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { answerFormOf } from '../background/answer-form';
import { createBoundSocket } from '../background/bound-socket';
import { type CreateSocketStream, createBoundStream } from '../background/bound-stream';
import { createCallRecorder } from '../background/call-recorder';
import { formed } from '../background/formed';
import { createLocalServers } from '../background/local-servers';
import { offer } from '../background/on-demand';
import { answerOpenAi } from '../background/openai/endpoints';
import { createSignIn } from '../background/sign-in';
import { createSuspicion } from '../background/suspicion';
import { createTransfer } from '../background/transfer';
import { unlistedModel } from '../background/unlisted-model';
import { createProvider } from '../providers/create-provider';

const { WebSocketStream } = globalThis as { WebSocketStream?: CreateSocketStream };

/** The part of the background that speaks to backends, with what a person does once in a while. */
export default defineUnlistedScript(() =>
  offer('backends', {
    answerOpenAi,
    openSocket: (url, signal) =>
      WebSocketStream ? createBoundStream(WebSocketStream, url, signal) : createBoundSocket(new WebSocket(url), signal),
    createCallRecorder,
    createProvider,
    createLocalServers,
    createSignIn,
    createSuspicion,
    createTransfer,
    answerFormOf,
    formed,
    unlistedModel,
  }),
);
