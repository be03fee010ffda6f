import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { readBalance } from '../background/balance';
import { createBoundSocket } from '../background/bound-socket';
import { type CreateSocketStream, createBoundStream } from '../background/bound-stream';
import { createCallRecorder } from '../background/call-recorder';
import { cleanProvider } from '../background/clean-provider';
import { offer } from '../background/on-demand';
import { watched } from '../background/sent-bodies';
import { suggestModel } from '../background/suggest-model';
import { createSuspicion } from '../background/suspicion';
import { unlistedModel } from '../background/unlisted-model';
import { createModelFiles } from '../ondevice/model-files';
import { createProvider } from '../providers/create-provider';

const { WebSocketStream } = globalThis as { WebSocketStream?: CreateSocketStream };

/** The part of the background that speaks to backends: each request needs it. */
export default defineUnlistedScript(() =>
  offer('backends', {
    openSocket: (url, signal) =>
      WebSocketStream ? createBoundStream(WebSocketStream, url, signal) : createBoundSocket(new WebSocket(url), signal),
    cleanProvider,
    createCallRecorder,
    createModelFiles,
    createProvider,
    createSuspicion,
    readBalance,
    suggestModel,
    unlistedModel,
    watched,
  }),
);
