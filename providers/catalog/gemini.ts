/** The row of Google's Gemini API. */

import type { CatalogRow } from '../provider';

export const gemini: CatalogRow = {
  id: 'gemini',
  name: 'Google Gemini',
  dialect: 'gemini',
  place: 'cloud',
  address: { type: 'fixed', baseUrl: 'https://generativelanguage.googleapis.com/v1beta' },
  // Never as `?key=`, which lands in logs.
  auth: { type: 'header', header: 'x-goog-api-key', prefix: '', required: true },
  keyPage: 'https://aistudio.google.com/apikey',
  cap: { type: 'limit', page: 'https://console.cloud.google.com/billing/budgets' },
  keyForm: /^AIza/,
  docs: 'https://ai.google.dev/api/generate-content',
  suggestedModels: ['gemini-3.5-flash', 'gemini-2.5-flash', 'gemini-flash-latest'],
  embedModels: ['gemini-embedding-001'],
  quirks: {
    // They generate content too, but draw, speak, or want a tool of their own.
    notChat: /image|-tts|imagen|^veo|embedding|^aqa|audio|-live|computer-use|robotics|lyria|nano-banana|deep-research/,
  },
  verified: { against: 'stand-in', on: '2026-11' },
};
