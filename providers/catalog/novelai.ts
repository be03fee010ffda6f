/** The row of NovelAI: one token for its hosts, and one generation at a time for each account. */

import type { CatalogRow } from '../provider';
import { thinkers } from '../thinkers';
import { bearer } from './auth';

export const novelai: CatalogRow = {
  id: 'novelai',
  name: 'NovelAI',
  dialect: 'novelai',
  place: 'cloud',
  address: { type: 'fixed', baseUrl: 'https://text.novelai.net' },
  companions: () => ['https://api.novelai.net'],
  auth: bearer(true),
  concurrent: 1,
  flatFee: true,
  keyPage: 'https://novelai.net/stories',
  keyForm: /^pst-/,
  docs: 'https://text.novelai.net/docs',
  suggestedModels: ['glm-4-6', 'xialong-v1', 'kayra-v1'],
  writesChat: true,
  quirks: { thinksAloud: thinkers },
  verified: { against: 'stand-in', on: '2026-11' },
};
