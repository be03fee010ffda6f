import { defineBackground } from 'wxt/utils/define-background';
import { createBrowser } from '../background/browser';
import { createOnDemand } from '../background/on-demand';
import { startBackground } from '../background/start';
import { deviceModels } from '../ondevice/model-list';
import { createModelStore } from '../ondevice/model-store';
import type { BrowserModel } from '../providers/provider';

export default defineBackground({
  main() {
    const onDemand = createOnDemand();
    startBackground({
      browser: createBrowser(),
      fetch: globalThis.fetch.bind(globalThis),
      openSocket: (url) => new WebSocket(url),
      onDemand,
      browserModel: () => (globalThis as { LanguageModel?: BrowserModel }).LanguageModel,
      modelStore: createModelStore(async () => (await onDemand.backends()).createHasher()),
      deviceModels,
      now: Date.now,
    });
  },
});
