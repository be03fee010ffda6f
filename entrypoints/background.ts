import { defineBackground } from 'wxt/utils/define-background';
import { createBrowser } from '../background/browser';
import { atFirstUse, createOnDemand } from '../background/on-demand';
import { startBackground } from '../background/start';
import { deviceModels } from '../ondevice/model-list';
import type { BrowserModel } from '../providers/provider';

export default defineBackground({
  main() {
    const onDemand = createOnDemand();
    const models = atFirstUse(onDemand.screens, ({ createModelStore }) =>
      createModelStore(async () => (await onDemand.backends()).createHasher()),
    );
    startBackground({
      browser: createBrowser(),
      fetch: globalThis.fetch.bind(globalThis),
      openSocket: (url) => new WebSocket(url),
      onDemand,
      browserModel: () => (globalThis as { LanguageModel?: BrowserModel }).LanguageModel,
      modelStore: {
        has: async (model) => (await models()).has(model),
        write: async (...about) => (await models()).write(...about),
        remove: async (model) => (await models()).remove(model),
      },
      deviceModels,
      now: Date.now,
    });
  },
});
