/** Rows of servers that a person runs or knows the address of, and that speak OpenAI's Chat Completions (backends/local.md 5 and 7). */

import { type EngineSampler, engineSamplers, llamaCppNames } from '../../protocol/model-settings';
import { rootOf } from '../place';
import type { CatalogRow, Quirks, Sampler } from '../provider';
import { thinkers } from '../thinkers';
import { bearer } from './auth';

const common = ['topK', 'minP', 'repetitionPenalty'] as const;
const dry: readonly Sampler[] = ['dryMultiplier', 'dryBase', 'dryAllowedLength', 'dryRange'];
const xtc: readonly Sampler[] = ['xtcThreshold', 'xtcProbability'];
const mirostat: readonly Sampler[] = ['mirostatMode', 'mirostatTau', 'mirostatEta'];

/** Routes beside `/v1` belong to the same server. */
const withRoot = (baseUrl: string): readonly string[] => [rootOf(baseUrl)];
const at = (port: number) => ({ type: 'asked', example: `http://127.0.0.1:${port}/v1`, path: '/v1' }) as const;

const llamaCpp: Quirks = {
  samplers: [...common, ...(Object.keys(llamaCppNames) as EngineSampler[])],
  samplerNames: {
    repetitionPenalty: ['repeat_penalty'],
    ...Object.fromEntries(Object.entries(llamaCppNames).map(([name, wireName]) => [name, [wireName]])),
  },
  effort: 'template',
};

/** What the owner of text-generation-webui starts it with would hold otherwise: every sampler says where it is off. */
const webUiDefaults = {
  temperature: 1,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  typical_p: 1,
  tfs: 1,
  top_a: 0,
  top_n_sigma: 0,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  repetition_penalty: 1,
  repetition_penalty_range: 1024,
  presence_penalty: 0,
  frequency_penalty: 0,
  dynamic_temperature: false,
  smoothing_factor: 0,
  mirostat_mode: 0,
  dry_multiplier: 0,
  xtc_probability: 0,
  seed: -1,
};

export const servers: readonly CatalogRow[] = [
  {
    id: 'openai-compatible',
    name: 'OpenAI-compatible server',
    dialect: 'openai-chat',
    address: at(8080),
    auth: bearer(false),
    ownHeaders: true,
    embedModels: [],
    quirks: {
      thinksAloud: thinkers,
      samplers: [...common, ...engineSamplers],
      // llama.cpp, LM Studio and LocalAI know the first name; vLLM, TabbyAPI and text-generation-webui the second; each ignores the other.
      samplerNames: {
        repetitionPenalty: ['repeat_penalty', 'repetition_penalty'],
        repetitionRange: ['repeat_last_n', 'repetition_penalty_range'],
        mirostatMode: ['mirostat', 'mirostat_mode'],
        dryRange: ['dry_penalty_last_n', 'dry_range'],
      },
      notChat: /^text-embedding-/,
    },
    verified: { against: 'real server', on: '2026-11' },
  },
  {
    id: 'llama-cpp',
    name: 'llama.cpp',
    dialect: 'openai-chat',
    address: at(8080),
    companions: withRoot,
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
    embedModels: [],
    quirks: { thinksAloud: thinkers, ...llamaCpp, server: 'llama-cpp' },
    verified: { against: 'real server', on: '2026-11' },
  },
  {
    id: 'lm-studio',
    name: 'LM Studio',
    dialect: 'openai-chat',
    address: at(1234),
    companions: withRoot,
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://lmstudio.ai/docs/developer',
    embedModels: ['text-embedding-nomic-embed-text-v1.5'],
    quirks: {
      thinksAloud: thinkers,
      // It has min_p on its own route only, and answers 200 to what it does not know.
      samplers: ['topK', 'repetitionPenalty'],
      samplerNames: { repetitionPenalty: ['repeat_penalty'] },
      lists: (baseUrl) => [`${rootOf(baseUrl)}/api/v0/models`, `${baseUrl}/models`],
      listShape: 'lm-studio',
      notChat: /^text-embedding-/,
    },
    verified: { against: 'stand-in', on: '2026-11' },
  },
  {
    id: 'text-generation-webui',
    name: 'Text generation web UI',
    dialect: 'openai-chat',
    address: at(5000),
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://github.com/oobabooga/text-generation-webui/wiki/12-%E2%80%90-OpenAI-API',
    embedModels: [],
    quirks: {
      thinksAloud: thinkers,
      server: 'text-generation-webui',
      contextField: 'truncation_length',
      constants: [{ fields: { mode: 'instruct', ...webUiDefaults } }],
      // Its DRY looks back as far as the repetition penalty does.
      samplers: [...common, ...engineSamplers.filter((name) => name !== 'dryRange' && name !== 'repetitionSlope')],
      dynatemp: { on: { dynamic_temperature: true }, low: 'dynatemp_low', high: 'dynatemp_high' },
      schema: 'grammar',
    },
    verified: { against: 'stand-in', on: '2026-11' },
  },
  {
    id: 'vllm',
    name: 'vLLM',
    dialect: 'openai-chat',
    address: at(8000),
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html',
    embedModels: [],
    quirks: { thinksAloud: thinkers, samplers: common, effort: 'template' },
    verified: { against: 'documentation', on: '2026-11' },
  },
  {
    id: 'tabbyapi',
    name: 'TabbyAPI',
    dialect: 'openai-chat',
    address: at(5000),
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://github.com/theroyallab/tabbyAPI/wiki',
    quirks: {
      thinksAloud: thinkers,
      server: 'tabby',
      keyCheck: '/auth/permission',
      samplers: [
        ...common,
        'typicalP',
        'topA',
        'tfs',
        'repetitionRange',
        'smoothingFactor',
        ...mirostat,
        ...dry,
        ...xtc,
        'dynatempRange',
        'dynatempExponent',
      ],
      samplerNames: { dynatempExponent: ['temp_exponent'] },
      samplerRanges: { temperature: [0, 10], presencePenalty: [0, 2], frequencyPenalty: [0, 2] },
      dynatemp: { on: {}, low: 'min_temp', high: 'max_temp' },
      lacks: [{ fields: ['seed'] }],
      effort: 'template',
      // A stand-in that some owners list for programs that insist on it.
      notChat: /^gpt-3\.5-turbo$/,
    },
    verified: { against: 'documentation', on: '2026-11' },
  },
  {
    id: 'jan',
    name: 'Jan',
    dialect: 'openai-chat',
    address: at(1337),
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://www.jan.ai/docs/desktop/api-server',
    quirks: { ...llamaCpp, thinksAloud: thinkers },
    verified: { against: 'documentation', on: '2026-11' },
  },
  {
    id: 'localai',
    name: 'LocalAI',
    dialect: 'openai-chat',
    address: at(8080),
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://localai.io',
    embedModels: [],
    quirks: {
      thinksAloud: thinkers,
      samplers: [...common, 'typicalP', 'tfs'],
      samplerNames: { repetitionPenalty: ['repeat_penalty'], tfs: ['tfz'] },
      lists: (baseUrl) => [`${baseUrl}/models/capabilities`, `${baseUrl}/models`],
      listShape: 'localai',
    },
    verified: { against: 'documentation', on: '2026-11' },
  },
  {
    id: 'litellm',
    name: 'LiteLLM',
    dialect: 'openai-chat',
    address: at(4000),
    companions: withRoot,
    auth: bearer(false),
    ownHeaders: true,
    docs: 'https://docs.litellm.ai',
    embedModels: [],
    quirks: {
      thinksAloud: thinkers,
      lists: (baseUrl) => [`${rootOf(baseUrl)}/model/info`, `${baseUrl}/models`],
      listShape: 'litellm',
      // In the usage of a stream, where the proxy was not told otherwise; older ones tell it only where include_cost_in_streaming_usage is set.
      cost: 'dollars',
      balance: 'litellm',
      notChat: /embedding|whisper|^tts|dall-e/,
    },
    verified: { against: 'real server', on: '2026-11' },
  },
];
