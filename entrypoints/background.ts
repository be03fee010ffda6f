import { defineBackground } from 'wxt/utils/define-background';
import { createBrowser } from '../background/browser';
import { startBackground } from '../background/start';
import { deviceModels } from '../ondevice/model-list';
import { createModelStore } from '../ondevice/model-store';
import type { BrowserModel } from '../providers/provider';

export default defineBackground({
  type: 'module',
  main() {
    startBackground({
      browser: createBrowser(),
      fetch: globalThis.fetch.bind(globalThis),
      openSocket: (url) => new WebSocket(url),
      browserModel: () => (globalThis as { LanguageModel?: BrowserModel }).LanguageModel,
      modelStore: createModelStore(),
      deviceModels,
      now: Date.now,
    });
  },
});
