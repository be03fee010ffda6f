/** The row of Ollama, by its own API: only there the context size can be set. */

import type { CatalogRow } from '../provider';
import { thinkers } from '../thinkers';
import { bearer } from './auth';

export const ollama: CatalogRow = {
  id: 'ollama',
  name: 'Ollama',
  dialect: 'ollama',
  address: { type: 'asked', example: 'http://127.0.0.1:11434', path: '' },
  auth: bearer(false),
  docs: 'https://docs.ollama.com/api',
  embedModels: [
    'nomic-embed-text',
    'embeddinggemma',
    'mxbai-embed-large',
    'bge-m3',
    'all-minilm',
    'snowflake-arctic-embed',
    'qwen3-embedding',
  ],
  quirks: { thinksAloud: thinkers },
  verified: { against: 'stand-in', on: '2026-11' },
};
