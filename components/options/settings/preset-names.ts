/**
 * The names under which front ends keep samplers in their preset files, as dated data: November 2026. From the public settings and presets of
 * SillyTavern (text completion, KoboldAI, NovelAI, chat completion), KoboldAI Lite, NovelAI, text-generation-webui and llama.cpp.
 */

import type { PresetSetting, Sampler } from './samplers';

/** The first name of each is the one that an export writes: SillyTavern's for text completion, which most others read too. */
export const namesOfSamplers: Readonly<Record<Sampler, readonly [string, ...string[]]>> = {
  temperature: ['temp', 'temperature', 'temp_openai'],
  topP: ['top_p', 'top_p_openai'],
  topK: ['top_k', 'top_k_openai'],
  minP: ['min_p', 'min_p_openai'],
  repetitionPenalty: ['rep_pen', 'repetition_penalty', 'repeat_penalty', 'repetition_penalty_openai'],
  presencePenalty: ['presence_pen', 'presence_penalty', 'pres_pen_openai', 'repetition_penalty_presence'],
  frequencyPenalty: ['freq_pen', 'frequency_penalty', 'freq_pen_openai', 'repetition_penalty_frequency'],
  seed: ['seed', 'sampler_seed'],
  typicalP: ['typical_p', 'typical', 'typ_s', 'typ_p'],
  topA: ['top_a', 'top_a_openai'],
  tfs: ['tfs', 'tfs_s', 'tfs_z', 'tail_free_sampling'],
  topNSigma: ['nsigma', 'top_n_sigma'],
  repetitionRange: ['rep_pen_range', 'repetition_penalty_range', 'repeat_last_n'],
  repetitionSlope: ['rep_pen_slope', 'repetition_penalty_slope'],
  mirostatMode: ['mirostat_mode', 'mirostat', 'miro_type', 'mirostat_type'],
  mirostatTau: ['mirostat_tau', 'miro_tau'],
  mirostatEta: ['mirostat_eta', 'miro_eta', 'mirostat_lr'],
  dryMultiplier: ['dry_multiplier'],
  dryBase: ['dry_base'],
  dryAllowedLength: ['dry_allowed_length'],
  dryRange: ['dry_penalty_last_n', 'dry_range'],
  xtcThreshold: ['xtc_threshold'],
  xtcProbability: ['xtc_probability'],
  dynatempRange: ['dynatemp_range'],
  dynatempExponent: ['dynatemp_exponent'],
  smoothingFactor: ['smoothing_factor'],
  smoothingCurve: ['smoothing_curve'],
  epsilonCutoff: ['epsilon_cutoff'],
  etaCutoff: ['eta_cutoff'],
};

const namesOfLengths = {
  contextTokens: ['max_context_length', 'max_context', 'openai_max_context', 'truncation_length', 'num_ctx'],
  maxOutputTokens: [
    'genamt',
    'max_length',
    'max_tokens',
    'max_completion_tokens',
    'max_new_tokens',
    'openai_max_tokens',
    'num_predict',
    'n_predict',
  ],
} as const;

const settings: ReadonlyMap<string, PresetSetting> = new Map(
  Object.entries({ ...namesOfSamplers, ...namesOfLengths }).flatMap(([setting, names]) =>
    names.map((name) => [name, setting as PresetSetting] as const),
  ),
);

/** What a name in a file means; SillyTavern's `max_length`, beside `genamt`, is the context. */
export const settingOf = (name: string, file: object): PresetSetting | undefined =>
  name === 'max_length' && Object.hasOwn(file, 'genamt') ? 'contextTokens' : settings.get(name);

/** A changing temperature as two bounds: its switch and the names of both. */
export const temperatureBounds = [
  ['dynatemp', 'min_temp', 'max_temp'],
  ['dynamic_temperature', 'dynatemp_low', 'dynatemp_high'],
] as const;
