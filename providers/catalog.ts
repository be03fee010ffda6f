/** Owns the list of providers: each is one row of data, from which the connection form, the docs table and the tests follow. */

import type { CatalogRow } from './provider';

const bearer = (required: boolean): CatalogRow['auth'] => ({
  type: 'header',
  header: 'Authorization',
  prefix: 'Bearer ',
  required,
});

export const catalog: readonly CatalogRow[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    dialect: 'openai-chat',
    place: 'cloud',
    address: { type: 'fixed', baseUrl: 'https://api.openai.com/v1' },
    auth: bearer(true),
    keyPage: 'https://platform.openai.com/api-keys',
    docs: 'https://platform.openai.com/docs/api-reference/chat',
    modelPage: (modelId) => `https://platform.openai.com/docs/models/${encodeURIComponent(modelId)}`,
    suggestedModels: ['gpt-5.4-mini', 'gpt-4.1-mini', 'gpt-4o-mini'],
    quirks: {
      maxTokensField: 'max_completion_tokens',
      reasoningRules: true,
      maxStops: 4,
      manyOutputs: true,
      // Its list names every model of the company; those that speak, draw, embed or know the Responses API only are left out.
      notChat:
        /embedding|moderation|whisper|^tts|-tts|transcribe|realtime|dall-e|image|^sora|^babbage|^davinci|instruct|codex|deep-research|computer-use|^gpt-5-pro/,
    },
  },
  {
    id: 'openrouter',
    name: 'OpenRouter',
    dialect: 'openai-chat',
    place: 'cloud',
    address: { type: 'fixed', baseUrl: 'https://openrouter.ai/api/v1' },
    auth: bearer(true),
    headers: { 'HTTP-Referer': 'https://github.com/oriel-extension/oriel', 'X-OpenRouter-Title': 'Oriel' },
    keyPage: 'https://openrouter.ai/settings/keys',
    docs: 'https://openrouter.ai/docs',
    modelPage: (modelId) => `https://openrouter.ai/${modelId}`,
    suggestedModels: ['openrouter/auto'],
    quirks: { openRouter: true, samplers: ['topK', 'minP', 'repetitionPenalty'], keyCheck: '/key' },
  },
  {
    id: 'openai-compatible',
    name: 'OpenAI-compatible server',
    dialect: 'openai-chat',
    address: { type: 'asked', example: 'http://127.0.0.1:8080/v1', path: '/v1' },
    auth: bearer(false),
    quirks: {
      samplers: ['topK', 'minP', 'repetitionPenalty'],
      // llama.cpp, LM Studio and LocalAI know the first name; vLLM, TabbyAPI and text-generation-webui the second; each ignores the other.
      repetitionFields: ['repeat_penalty', 'repetition_penalty'],
      notChat: /^text-embedding-/,
    },
  },
  {
    id: 'on-device',
    name: 'On this device',
    dialect: 'on-device',
    place: 'this-computer',
    address: { type: 'none' },
    auth: { type: 'none' },
    quirks: {},
  },
];

export const rowOf = (id: string): CatalogRow | undefined => catalog.find((row) => row.id === id);
