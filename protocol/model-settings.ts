/** What a person sets for a model beyond what a page asks: samplers, context size, chat template, stop sequences. Names are neutral; each dialect knows its own. */

/**
 * Samplers of local engines and text services that no page can set. Numbers only; what each means is the engine's own documentation
 * (llama.cpp's sampling parameters; KoboldCPP's API for `topA`, `tfs`, `smoothingFactor`).
 */
export const engineSamplers = [
  'typicalP',
  'topA',
  'tfs',
  'topNSigma',
  'repetitionRange',
  'repetitionSlope',
  'mirostatMode',
  'mirostatTau',
  'mirostatEta',
  'dryMultiplier',
  'dryBase',
  'dryAllowedLength',
  'dryRange',
  'xtcThreshold',
  'xtcProbability',
  'dynatempRange',
  'dynatempExponent',
  'smoothingFactor',
  'smoothingCurve',
  'epsilonCutoff',
  'etaCutoff',
] as const;
export type EngineSampler = (typeof engineSamplers)[number];

/**
 * Those of them that llama.cpp has, under the names of its server (its README, `/completion`): a server of a person's own, and the engine on this
 * device.
 */
export const llamaCppNames: Readonly<Partial<Record<EngineSampler, string>>> = {
  typicalP: 'typical_p',
  topNSigma: 'top_n_sigma',
  repetitionRange: 'repeat_last_n',
  mirostatMode: 'mirostat',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
  dryMultiplier: 'dry_multiplier',
  dryBase: 'dry_base',
  dryAllowedLength: 'dry_allowed_length',
  dryRange: 'dry_penalty_last_n',
  xtcThreshold: 'xtc_threshold',
  xtcProbability: 'xtc_probability',
  dynatempRange: 'dynatemp_range',
  dynatempExponent: 'dynatemp_exponent',
};

/** Samplers that a page can set as well; what the page says comes first. */
export const commonSamplers = [
  'temperature',
  'topP',
  'topK',
  'minP',
  'repetitionPenalty',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
] as const;
export type CommonSampler = (typeof commonSamplers)[number];

export type SamplerSettings = Readonly<Partial<Record<EngineSampler | CommonSampler, number>>>;

type Sampler = CommonSampler | EngineSampler;

/** Where a sampler changes nothing; −1 is how some front ends and servers write it. Those without such a value are not here. */
const neutralValues: Readonly<Partial<Record<Sampler, readonly number[]>>> = {
  temperature: [1],
  topP: [1],
  topK: [0, -1],
  minP: [0],
  repetitionPenalty: [1],
  presencePenalty: [0],
  frequencyPenalty: [0],
  typicalP: [1],
  topA: [0],
  tfs: [1],
  topNSigma: [0, -1],
  repetitionSlope: [0],
  mirostatMode: [0],
  dryMultiplier: [0],
  xtcProbability: [0],
  dynatempRange: [0],
  dynatempExponent: [1],
  smoothingFactor: [0],
  smoothingCurve: [1],
  epsilonCutoff: [0],
  etaCutoff: [0],
};
/** What only says how another sampler works. */
const wholes: Readonly<Partial<Record<Sampler, Sampler>>> = {
  repetitionRange: 'repetitionPenalty',
  repetitionSlope: 'repetitionPenalty',
  mirostatTau: 'mirostatMode',
  mirostatEta: 'mirostatMode',
  dryBase: 'dryMultiplier',
  dryAllowedLength: 'dryMultiplier',
  dryRange: 'dryMultiplier',
  xtcThreshold: 'xtcProbability',
  dynatempExponent: 'dynatempRange',
  smoothingCurve: 'smoothingFactor',
};

/** Whether `samplers` ask for the same without this one, so that nobody misses it where a backend has it not. */
export function isNeutral(name: Sampler, samplers: { readonly [name in Sampler]?: number | undefined }): boolean {
  const isAtRest = (one: Sampler): boolean => neutralValues[one]?.some((value) => value === samplers[one]) === true;
  const whole = wholes[name];
  return isAtRest(name) || (whole !== undefined && isAtRest(whole));
}

/** How a chat is written down for a backend that only continues text (backends/local.md §9). */
export const templateIds = [
  'plain',
  'chatml',
  'alpaca',
  'vicuna',
  'orca-vicuna',
  'vicuna-1.0',
  'llama-2',
  'llama-3',
  'mistral-v1',
  'mistral-v3',
  'mistral-tekken',
  'mistral-v7',
  'gemma',
  'gemma-4',
  'metharme',
  'pygmalion',
  'phi-3',
  'zephyr',
  'command-r',
  'openchat',
  'deepseek-coder',
  'deepseek-v2',
  'glm',
] as const;
export type TemplateId = (typeof templateIds)[number];

export interface ModelSettings {
  readonly samplers?: SamplerSettings | undefined;
  /** Tokens of prompt and answer together. */
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly template?: TemplateId | undefined;
  /** Beside those that the page asks for. */
  readonly stop?: readonly string[] | undefined;
}

/** A choice that only one provider has, under the name that its catalog row gives it. */
export type VendorOption = string | number | boolean | readonly string[];

/** What a connection's **Advanced** holds. */
export interface ConnectionOptions extends ModelSettings {
  readonly models?: Readonly<Record<string, ModelSettings>> | undefined;
  /** Headers of the person's own for a server of their own. No secret: those lie in the vault. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly vendor?: Readonly<Record<string, VendorOption>> | undefined;
}

/** What holds for one model of a connection: its own settings before those of the connection. */
export function settingsOf({ options = {} }: { readonly options?: ConnectionOptions | undefined }, model: string): ModelSettings {
  const { models, headers: _, vendor: __, ...common } = options;
  return mergeSettings(common, models && Object.hasOwn(models, model) ? models[model] : undefined);
}

/** The nearer settings before the farther ones; stop sequences hold together. */
export function mergeSettings(farther: ModelSettings, nearer: ModelSettings = {}): ModelSettings {
  const stop = [...new Set([...(farther.stop ?? []), ...(nearer.stop ?? [])])];
  return {
    samplers: { ...farther.samplers, ...nearer.samplers },
    contextTokens: nearer.contextTokens ?? farther.contextTokens,
    maxOutputTokens: nearer.maxOutputTokens ?? farther.maxOutputTokens,
    template: nearer.template ?? farther.template,
    ...(stop.length > 0 && { stop }),
  };
}
