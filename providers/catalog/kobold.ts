/** Rows of the KoboldAI family. Each asks for an address, so that any server that speaks one of the two formats is reached by its row. */

import { koboldRoot } from '../kobold-root';
import type { CatalogRow } from '../provider';
import { thinkers } from '../thinkers';
import { bearer } from './auth';

/** Pasted with `/api` or without, the server is the same. */
const companions = (baseUrl: string): readonly string[] => [koboldRoot(baseUrl)];

export const kobold: readonly CatalogRow[] = [
  {
    id: 'koboldai',
    name: 'KoboldAI',
    dialect: 'koboldai',
    address: { type: 'asked', example: 'http://127.0.0.1:5000', path: '' },
    companions,
    auth: { type: 'none' },
    docs: 'https://github.com/henk717/KoboldAI',
    writesChat: true,
    quirks: { thinksAloud: thinkers },
    verified: { against: 'stand-in', on: '2026-11' },
  },
  {
    id: 'koboldcpp',
    name: 'KoboldCPP',
    dialect: 'koboldcpp',
    address: { type: 'asked', example: 'http://127.0.0.1:5001', path: '' },
    companions,
    auth: bearer(false),
    docs: 'https://github.com/LostRuins/koboldcpp/wiki',
    writesChat: true,
    embedModels: [],
    quirks: { thinksAloud: thinkers },
    verified: { against: 'stand-in', on: '2026-11' },
  },
];
