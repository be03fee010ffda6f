/** The row of AI Horde, whose models run on the computers of volunteers. It stands last: nobody is to meet it by chance. */

import type { CatalogRow } from '../provider';
import { thinkers } from '../thinkers';

export const aiHorde: CatalogRow = {
  id: 'ai-horde',
  name: 'AI Horde',
  dialect: 'ai-horde',
  place: 'volunteers',
  address: { type: 'fixed', baseUrl: 'https://aihorde.net/api/v2' },
  auth: { type: 'header', header: 'apikey', prefix: '', required: false, publicKey: '0000000000' },
  headers: { 'Client-Agent': 'Oriel:1:https://github.com/oriel-extension/oriel' },
  keyPage: 'https://aihorde.net/register',
  docs: 'https://aihorde.net/api/',
  suggestedModels: ['any'],
  options: [
    { type: 'flag', name: 'trustedWorkers' },
    { type: 'flag', name: 'fastWorkersOnly' },
    { type: 'list', name: 'workers' },
    { type: 'flag', name: 'workerBlacklist' },
  ],
  writesChat: true,
  quirks: { thinksAloud: thinkers },
  verified: { against: 'stand-in', on: '2026-11' },
};
