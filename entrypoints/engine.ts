import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { offer } from '../background/on-demand';
import { createEngineHost } from '../ondevice/engine';
import { answerCall } from '../ondevice/engine-calls';
import { createModelFiles } from '../ondevice/model-files';
import { createSpeedNotes } from '../ondevice/speed';
import { createWllamaRuntime } from '../ondevice/wllama-runtime';

/** Firefox's part of the background that runs models: the event page starts the engine's worker itself. */
export default defineUnlistedScript({
  include: ['firefox'],
  main() {
    offer('engine', {
      createDeviceEngine() {
        const engine = createEngineHost({
          openModel: createModelFiles().open,
          createRuntime: createWllamaRuntime,
          noteSpeed: createSpeedNotes(),
        });
        const never = new AbortController().signal;
        return { stream: engine.generate, call: (call, { signal = never } = {}) => answerCall(engine, call, signal) };
      },
    });
  },
});
