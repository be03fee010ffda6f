/** Rows of the cloud: a vendor's fixed address and the person's account there. */

import type { CatalogRow } from '../provider';
import { bearer } from './auth';
import { routingOptions } from './openrouter-routing';

export const accounts: readonly CatalogRow[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    dialect: 'openai',
    place: 'cloud',
    address: { type: 'fixed', baseUrl: 'https://api.openai.com/v1' },
    auth: bearer(true),
    keyPage: 'https://platform.openai.com/api-keys',
    cap: { type: 'limit', page: 'https://platform.openai.com/settings/organization/limits' },
    keyForm: /^sk-(?!ant-|or-)/,
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    modelPage: (modelId) => `https://platform.openai.com/docs/models/${encodeURIComponent(modelId)}`,
    suggestedModels: ['gpt-5.4-mini', 'gpt-4.1-mini', 'gpt-4o-mini'],
    embedModels: ['text-embedding-3-small', 'text-embedding-3-large', 'text-embedding-ada-002'],
    quirks: {
      maxTokensField: 'max_completion_tokens',
      reasoningRules: true,
      maxStops: 4,
      manyOutputs: true,
      // Its list names every model of the company; those that speak, draw, embed or want a tool of the vendor's are left out.
      notChat:
        /embedding|moderation|whisper|^tts|-tts|transcribe|realtime|dall-e|image|^sora|^babbage|^davinci|instruct|deep-research|computer-use/,
    },
    verified: { against: 'stand-in', on: '2026-11' },
  },
  {
    id: 'openrouter',
    name: 'OpenRouter',
    dialect: 'openai-chat',
    place: 'cloud',
    address: { type: 'fixed', baseUrl: 'https://openrouter.ai/api/v1' },
    auth: bearer(true),
    signIn: { page: 'https://openrouter.ai/auth', exchange: '/auth/keys' },
    headers: { 'HTTP-Referer': 'https://github.com/oriel-extension/oriel', 'X-OpenRouter-Title': 'Oriel' },
    keyPage: 'https://openrouter.ai/settings/keys',
    cap: { type: 'limit', page: 'https://openrouter.ai/settings/keys' },
    keyForm: /^sk-or-/,
    docs: 'https://openrouter.ai/docs',
    modelPage: (modelId) => `https://openrouter.ai/${modelId}`,
    suggestedModels: ['openrouter/auto'],
    options: routingOptions,
    embedModels: ['openai/text-embedding-3-small', 'openai/text-embedding-3-large'],
    quirks: { openRouter: true, balance: 'openrouter', samplers: ['topK', 'minP', 'repetitionPenalty'], keyCheck: '/key' },
    verified: { against: 'stand-in', on: '2026-11' },
  },
];
