/** Chrome's context for the model engine: a service worker cannot start the workers that the engine needs. Only chrome.runtime exists here. */

import { createEngineHost } from '../../ondevice/engine';
import { answerCall } from '../../ondevice/engine-calls';
import { createModelFiles } from '../../ondevice/model-files';
import { createSpeedNotes } from '../../ondevice/speed';
import { createWllamaRuntime } from '../../ondevice/wllama-runtime';
import { type ClientFrame, serveChannel } from '../../protocol/channel';
import type { EngineCall } from '../../protocol/engine';
import { toPersonError } from '../../protocol/errors';
import { enginePortName } from '../../protocol/names';

const engine = createEngineHost({
  openModel: createModelFiles().open,
  createRuntime: createWllamaRuntime,
  noteSpeed: createSpeedNotes(),
  // The engine's memory is given back only with its document.
  onIdle: () => window.close(),
});

function connect(): void {
  const port = chrome.runtime.connect({ name: enginePortName });
  serveChannel<EngineCall>(port, {
    // The background made this frame itself from what it had checked.
    parse: (message) => message as ClientFrame<EngineCall>,
    async handle(call, reply) {
      if (call.type !== 'generate') return answerCall(engine, call, reply.signal);
      for await (const part of engine.generate(call, reply.signal)) await reply.parts([part]);
    },
    toError: toPersonError,
  });
  // The background sleeps when nothing runs; the model stays in memory, so the background must find it again.
  port.onDisconnect.addListener(() => setTimeout(connect, 1000));
}

connect();
