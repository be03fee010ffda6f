/** The row of text-generation-webui as it was before November 2023, whose streams come over a port of their own. */

import type { CatalogRow } from '../provider';

export const webuiLegacy: CatalogRow = {
  id: 'text-generation-webui-legacy',
  name: 'Text generation web UI (before November 2023)',
  dialect: 'webui-legacy',
  address: { type: 'asked', example: 'http://127.0.0.1:5000/api', path: '/api' },
  companions: (baseUrl) => {
    const { protocol, hostname, pathname } = new URL(baseUrl);
    return [`${protocol === 'https:' ? 'wss' : 'ws'}://${hostname}:5005${pathname}`];
  },
  auth: { type: 'none' },
  writesChat: true,
  quirks: {},
  verified: { against: 'stand-in', on: '2026-11' },
};
