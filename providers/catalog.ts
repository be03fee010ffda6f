/** Joins the rows that lie in `catalog/` to the one list of providers, in its order. The connection form, the docs table and the tests follow from a row. */

import { accounts } from './catalog/accounts';
import { anthropic, anthropicCompatible } from './catalog/anthropic';
import { browserModel } from './catalog/browser-model';
import { gemini } from './catalog/gemini';
import { aiHorde } from './catalog/horde';
import { kobold } from './catalog/kobold';
import { more } from './catalog/more';
import { novelai } from './catalog/novelai';
import { ollama } from './catalog/ollama';
import { servers } from './catalog/servers';
import { webuiLegacy } from './catalog/webui-legacy';
import type { CatalogRow } from './provider';

const onDevice: CatalogRow = {
  id: 'on-device',
  name: 'On this device',
  dialect: 'on-device',
  place: 'this-computer',
  address: { type: 'none' },
  auth: { type: 'none' },
  embedModels: [],
  quirks: {},
  verified: { against: 'real model', on: '2026-11' },
};

/** In the order in which people are shown them. */
export const catalog: readonly CatalogRow[] = [
  ...accounts,
  anthropic,
  gemini,
  novelai,
  ...kobold,
  ollama,
  ...servers,
  anthropicCompatible,
  ...more,
  webuiLegacy,
  browserModel,
  onDevice,
  aiHorde,
];

export const rowOf = (id: string): CatalogRow | undefined => catalog.find((row) => row.id === id);
