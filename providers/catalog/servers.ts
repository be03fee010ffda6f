/** Rows of servers that a person runs or knows the address of. */

import type { CatalogRow } from '../provider';
import { bearer } from './auth';

export const servers: readonly CatalogRow[] = [
  {
    id: 'openai-compatible',
    name: 'OpenAI-compatible server',
    dialect: 'openai-chat',
    address: { type: 'asked', example: 'http://127.0.0.1:8080/v1', path: '/v1' },
    auth: bearer(false),
    ownHeaders: true,
    quirks: {
      samplers: ['topK', 'minP', 'repetitionPenalty'],
      // llama.cpp, LM Studio and LocalAI know the first name; vLLM, TabbyAPI and text-generation-webui the second; each ignores the other.
      repetitionFields: ['repeat_penalty', 'repetition_penalty'],
      notChat: /^text-embedding-/,
    },
  },
];
