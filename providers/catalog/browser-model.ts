/** The row of the browser's own model: nothing to download, no key, and no word leaves this computer. */

import type { CatalogRow } from '../provider';

export const browserModel: CatalogRow = {
  id: 'browser',
  name: 'This browser’s own model',
  dialect: 'browser-model',
  place: 'this-computer',
  address: { type: 'none' },
  auth: { type: 'none' },
  docs: 'https://developer.chrome.com/docs/ai/prompt-api',
  quirks: {},
  verified: { against: 'stand-in', on: '2026-11' },
};
