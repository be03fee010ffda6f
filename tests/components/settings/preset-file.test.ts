// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { readPreset, writePreset } from '../../../components/options/settings/preset-file';
import { limits } from '../../../protocol/limits';
import { commonSamplers, engineSamplers } from '../../../protocol/model-settings';

const read = (file: unknown, takes = () => true) => readPreset(JSON.stringify(file), takes);

/** SillyTavern, text completion: the fields that its export has. */
const textCompletion = {
  temp: 0.8,
  temperature_last: true,
  top_p: 0.95,
  top_k: 40,
  top_a: 0,
  tfs: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  typical_p: 1,
  min_p: 0.05,
  rep_pen: 1.1,
  rep_pen_range: 1024,
  rep_pen_decay: 0,
  rep_pen_slope: 1,
  no_repeat_ngram_size: 0,
  freq_pen: 0.1,
  presence_pen: 0.2,
  dynatemp: false,
  min_temp: 0,
  max_temp: 2,
  dynatemp_exponent: 1,
  smoothing_factor: 0.2,
  smoothing_curve: 1,
  dry_allowed_length: 2,
  dry_multiplier: 0.8,
  dry_base: 1.75,
  dry_sequence_breakers: '["\\n", ":"]',
  dry_penalty_last_n: 0,
  mirostat_mode: 0,
  mirostat_tau: 5,
  mirostat_eta: 0.1,
  grammar_string: '',
  sampler_order: [6, 0, 1, 3, 4, 2, 5],
  xtc_threshold: 0.1,
  xtc_probability: 0.5,
  nsigma: 0,
  genamt: 350,
  max_length: 8192,
};

test('a SillyTavern preset for text completion: every sampler, the answer and the context; the rest is named', () => {
  const preset = read(textCompletion);
  expect(preset?.settings).toEqual({
    samplers: {
      temperature: 0.8,
      topP: 0.95,
      topK: 40,
      topA: 0,
      tfs: 1,
      epsilonCutoff: 0,
      etaCutoff: 0,
      typicalP: 1,
      minP: 0.05,
      repetitionPenalty: 1.1,
      repetitionRange: 1024,
      repetitionSlope: 1,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      dynatempExponent: 1,
      smoothingFactor: 0.2,
      smoothingCurve: 1,
      dryAllowedLength: 2,
      dryMultiplier: 0.8,
      dryBase: 1.75,
      dryRange: 0,
      mirostatMode: 0,
      mirostatTau: 5,
      mirostatEta: 0.1,
      xtcThreshold: 0.1,
      xtcProbability: 0.5,
      topNSigma: 0,
    },
    maxOutputTokens: 350,
    contextTokens: 8192,
  });
  expect(preset?.left).toEqual([
    'temperature_last',
    'rep_pen_decay',
    'no_repeat_ngram_size',
    'dry_sequence_breakers',
    'grammar_string',
    'sampler_order',
  ]);
});

test.each([
  [
    'SillyTavern’s KoboldAI',
    { temp: 0.7, rep_pen: 1.1, typical: 0.9, mirostat: 2, mirostat_tau: 4, genamt: 200, max_length: 2048, grammar: '' },
    {
      samplers: { temperature: 0.7, repetitionPenalty: 1.1, typicalP: 0.9, mirostatMode: 2, mirostatTau: 4 },
      maxOutputTokens: 200,
      contextTokens: 2048,
    },
    ['grammar'],
  ],
  [
    'a KoboldAI request, where max_length is the answer',
    { temperature: 0.7, tfs: 0.9, typical: 1, rep_pen_slope: 0.7, sampler_seed: 42, max_length: 80, max_context_length: 2048 },
    {
      samplers: { temperature: 0.7, tfs: 0.9, typicalP: 1, repetitionSlope: 0.7, seed: 42 },
      maxOutputTokens: 80,
      contextTokens: 2048,
    },
    [],
  ],
  [
    'KoboldAI Lite’s save',
    {
      gamestarted: true,
      savedsettings: {
        typ_s: 1,
        tfs_s: 0.95,
        miro_type: 1,
        miro_tau: 5,
        miro_eta: 0.1,
        sampler_seed: -1,
        max_length: 220,
        opmode: 4,
      },
    },
    { samplers: { typicalP: 1, tfs: 0.95, mirostatMode: 1, mirostatTau: 5, mirostatEta: 0.1 }, maxOutputTokens: 220 },
    ['opmode'],
  ],
  [
    'NovelAI’s own, without what its order turns off',
    {
      presetVersion: 3,
      name: 'Carefree',
      parameters: {
        textGenerationSettingsVersion: 5,
        temperature: 1.35,
        max_length: 150,
        top_k: 15,
        top_p: 0.85,
        tail_free_sampling: 0.9,
        repetition_penalty: 2.8,
        repetition_penalty_range: 2048,
        repetition_penalty_frequency: 0.02,
        mirostat_tau: 4,
        mirostat_lr: 0.2,
        order: [
          { id: 'temperature', enabled: true },
          { id: 'top_p', enabled: false },
          { id: 'tfs', enabled: false },
          { id: 'mirostat', enabled: false },
        ],
      },
    },
    {
      samplers: { temperature: 1.35, topK: 15, repetitionPenalty: 2.8, repetitionRange: 2048, frequencyPenalty: 0.02 },
      maxOutputTokens: 150,
    },
    ['textGenerationSettingsVersion', 'top_p', 'tail_free_sampling', 'mirostat_tau', 'mirostat_lr'],
  ],
  [
    'SillyTavern’s chat completion',
    {
      chat_completion_source: 'openai',
      temperature: 0.9,
      frequency_penalty: 0.3,
      presence_penalty: -0.5,
      repetition_penalty: 1,
      openai_max_context: 128_000,
      openai_max_tokens: 500,
      seed: -1,
      prompts: [{ identifier: 'main', content: 'Write.' }],
    },
    {
      samplers: { temperature: 0.9, frequencyPenalty: 0.3, presencePenalty: -0.5, repetitionPenalty: 1 },
      contextTokens: 128_000,
      maxOutputTokens: 500,
    },
    ['chat_completion_source', 'prompts'],
  ],
  [
    'SillyTavern’s joint export',
    { instruct: { name: 'ChatML' }, preset: { temp: 1, min_p: 0.02 } },
    { samplers: { temperature: 1, minP: 0.02 } },
    [],
  ],
  [
    'a temperature between two bounds',
    { temp: 1, dynatemp: true, min_temp: 0.4, max_temp: 1.6, dynatemp_exponent: 1.5 },
    { samplers: { temperature: 1, dynatempRange: 0.6, dynatempExponent: 1.5 } },
    [],
  ],
  [
    'text-generation-webui’s bounds',
    { dynamic_temperature: true, dynatemp_low: 0.5, dynatemp_high: 1.5, truncation_length: 4096 },
    { samplers: { temperature: 1, dynatempRange: 0.5 }, contextTokens: 4096 },
    [],
  ],
])('%s', (_name, file, settings, left) => {
  expect(read(file)?.settings).toEqual(settings);
  expect(read(file)?.left).toEqual(left);
});

test.each([
  ['a number as text', { temp: '0.7' }],
  ['beyond its range', { top_p: 7 }],
  ['half a token', { top_k: 1.5 }],
  ['an object', { temp: { valueOf: 1 } }],
  ['nothing', { min_p: null }],
  ['a name from the prototype', { constructor: 1 }],
  ['more context than there is', { num_ctx: 1e12 }],
  ['a method’s name', { toString: 5 }],
])('%s is not taken, and named', (_name, file) => {
  const preset = read(file);
  expect(preset?.taken).toEqual([]);
  expect(preset?.settings).toEqual({ samplers: {} });
  expect(preset?.left).toEqual(Object.keys(file));
});

test('what overflows a number, and what reaches for the prototype, changes nothing', () => {
  const preset = readPreset('{"temp":1e999,"__proto__":{"top_p":0.5},"top_k":3}', () => true);
  expect(preset?.settings).toEqual({ samplers: { topK: 3 } });
  expect(preset?.left).toEqual(['temp', '__proto__']);
  expect(Object.hasOwn(Object.prototype, 'top_p')).toBe(false);
});

test.each(['', 'temp: 0.7', '[1]', '"x"', 'null', '{"temp":'])('%j is no preset', (text) => {
  expect(readPreset(text, () => true)).toBeUndefined();
});

test('what has no field is named, not taken', () => {
  const preset = readPreset('{"temp":1,"num_ctx":4096}', (setting) => setting !== 'contextTokens');
  expect(preset).toEqual({ settings: { samplers: { temperature: 1 } }, taken: ['temperature'], left: ['num_ctx'] });
});

test('what is exported is read back as it was, and has the names that front ends know', () => {
  const names = [...commonSamplers, ...engineSamplers];
  const samplers = { ...Object.fromEntries(names.map((name) => [name, 1])), temperature: 0.7, dynatempRange: 0.3 };
  const settings = { samplers, contextTokens: 8192, maxOutputTokens: 300 };
  expect(readPreset(writePreset(settings), () => true)).toMatchObject({ settings, left: [] });
  expect(JSON.parse(writePreset(settings))).toMatchObject({
    temp: 0.7,
    rep_pen: 1,
    genamt: 300,
    max_length: 8192,
    dynatemp: true,
    min_temp: 0.4,
    max_temp: 1,
  });
});

test('a context alone is not taken for the length of the answer', () => {
  const text = writePreset({ contextTokens: 4096 });
  expect(readPreset(text, () => true)?.settings).toEqual({ samplers: {}, contextTokens: 4096 });
});

test('a preset of a megabyte is read in a moment', () => {
  const text = JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key${index}`, index])));
  expect(text.length).toBeLessThan(1.2 * limits.presetBytes);
  expect(readPreset(text, () => true)?.left).toHaveLength(60_000);
});

test('what a file says is off is not named as missing, where there is no field for it', () => {
  const onlyTemperature = (setting: string) => setting === 'temperature';
  const preset = readPreset(
    JSON.stringify({
      temp: 0.8,
      top_k: -1,
      top_p: 1,
      rep_pen: 1,
      rep_pen_range: 1024,
      mirostat_mode: 0,
      mirostat_tau: 5,
      min_p: 0.1,
    }),
    onlyTemperature,
  );
  expect(preset).toMatchObject({ taken: ['temperature'], left: ['min_p'] });
  expect(read({ temp: 1, top_k: -1, top_p: 9 })?.left).toEqual(['top_p']);
});
