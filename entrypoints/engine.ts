import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { offer } from '../background/on-demand';
import { createEngineHost } from '../ondevice/engine';
import { createModelFiles } from '../ondevice/model-files';
import { createWllamaRuntime } from '../ondevice/wllama-runtime';

/** Firefox's part of the background that runs models: the event page starts the engine's worker itself. */
export default defineUnlistedScript({
  include: ['firefox'],
  main() {
    offer('engine', {
      createDeviceEngine: () => createEngineHost({ openModel: createModelFiles().open, createRuntime: createWllamaRuntime }),
    });
  },
});
