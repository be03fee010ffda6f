import { defineBackground } from 'wxt/utils/define-background';
import { createBrowser } from '../background/browser';
import { createOnDemand } from '../background/on-demand';
import { startBackground } from '../background/start';
import type { BrowserModel } from '../providers/provider';

export default defineBackground({
  main() {
    // A setter that anybody put on every object would hear whatever is assigned under its name, keys too (security.md T122).
    Object.preventExtensions(Object.prototype);
    const onDemand = createOnDemand();
    startBackground({
      browser: createBrowser(),
      fetch: globalThis.fetch.bind(globalThis),
      indexedDB: globalThis.indexedDB,
      onDemand,
      browserModel: () => (globalThis as { LanguageModel?: BrowserModel }).LanguageModel,
      now: Date.now,
    });
  },
});
