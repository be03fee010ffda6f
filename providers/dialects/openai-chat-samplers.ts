/** Owns the samplers of a Chat Completions request: what each is called on the wire, and which of them a vendor takes. */

import type { GenerateRequest } from '../../protocol/generate';
import { type CommonSampler, engineSamplers, isNeutral } from '../../protocol/model-settings';
import type { Optional, Quirks, Sampler } from '../provider';

export interface Fields {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Neutral names of what was asked and is not among them. */
  readonly dropped: readonly string[];
}

/** OpenAI's own, which everyone takes unless a row says otherwise; then what most local servers add, under the names they agree on. */
const openAiSamplers: readonly CommonSampler[] = ['temperature', 'topP', 'presencePenalty', 'frequencyPenalty', 'seed'];
const order: readonly Sampler[] = [...openAiSamplers, 'topK', 'minP', 'repetitionPenalty', ...engineSamplers];

export const usualNames: Readonly<Record<Sampler, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  seed: 'seed',
  topK: 'top_k',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
  typicalP: 'typical_p',
  topA: 'top_a',
  tfs: 'tfs',
  topNSigma: 'top_n_sigma',
  repetitionRange: 'repetition_penalty_range',
  repetitionSlope: 'repetition_penalty_slope',
  mirostatMode: 'mirostat_mode',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
  dryMultiplier: 'dry_multiplier',
  dryBase: 'dry_base',
  dryAllowedLength: 'dry_allowed_length',
  dryRange: 'dry_range',
  xtcThreshold: 'xtc_threshold',
  xtcProbability: 'xtc_probability',
  dynatempRange: 'dynatemp_range',
  dynatempExponent: 'dynatemp_exponent',
  smoothingFactor: 'smoothing_factor',
  smoothingCurve: 'smoothing_curve',
  epsilonCutoff: 'epsilon_cutoff',
  etaCutoff: 'eta_cutoff',
};

/** What this model of this vendor has not, of what OpenAI has. */
export const lackedBy = ({ lacks = [] }: Quirks, model: string): ReadonlySet<Optional> =>
  new Set(lacks.filter(({ models }) => models?.test(model) !== false).flatMap(({ fields }) => fields));

/** @param forbidden those that this model does not take, whatever the vendor does */
export function samplersOf(request: GenerateRequest, quirks: Quirks, forbidden: ReadonlySet<string>): Fields {
  const known = new Set<string>([...openAiSamplers, ...(quirks.samplers ?? [])]);
  const fields: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const name of order) {
    const value = askedOf(request, name);
    if (value === undefined) continue;
    const [least, most] = quirks.samplerRanges?.[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const isTaken = known.has(name) && !forbidden.has(name) && value >= least && value <= most;
    if (isTaken) Object.assign(fields, wireFields(name, value, request, quirks));
    else if (!isNeutral(name, { ...request.samplers, ...request })) dropped.push(name);
  }
  return { fields, dropped };
}

const askedOf = (request: GenerateRequest, name: Sampler): number | undefined =>
  isCommon(name) ? request[name] : request.samplers?.[name];
const isCommon = (name: Sampler): name is CommonSampler => !(engineSamplers as readonly string[]).includes(name);

function wireFields(name: Sampler, value: number, { temperature = 1 }: GenerateRequest, quirks: Quirks): object {
  if (name === 'dynatempRange' && quirks.dynatemp !== undefined) {
    const { on, low, high } = quirks.dynatemp;
    // A range of nothing is the way to say that the temperature stays where it is.
    return value > 0 ? { ...on, [low]: Math.max(0, temperature - value), [high]: temperature + value } : {};
  }
  const names = quirks.samplerNames?.[name] ?? [usualNames[name]];
  return Object.fromEntries(names.map((wireName) => [wireName, value]));
}
