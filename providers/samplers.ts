/** Owns the step from neutral samplers to a backend's own names. */

import type { GenerateRequest, Warning } from '../protocol/generate';
import { type CommonSampler, commonSamplers, type EngineSampler, engineSamplers, isNeutral } from '../protocol/model-settings';

/** The wire name, or all the names, of each sampler that the backend takes. */
export type SamplerNames = Readonly<Partial<Record<CommonSampler | EngineSampler, string | readonly string[]>>>;

export interface WireSamplers {
  readonly fields: Readonly<Record<string, number>>;
  /** For those that were asked for and the backend does not have. */
  readonly warnings: readonly Warning[];
}

/** A value that turns a sampler off is passed on like any other, since the backend's own default may be another. */
export function toWireSamplers(request: GenerateRequest, names: SamplerNames): WireSamplers {
  const asked = askedSamplers(request);
  return {
    fields: Object.fromEntries(
      asked.flatMap(({ name, value }) => [names[name] ?? []].flat().map((wireName) => [wireName, value])),
    ),
    warnings: lostSamplers(request, (name) => names[name] !== undefined).map((parameter) => ({
      type: 'parameter-dropped' as const,
      parameter,
    })),
  };
}

/** What was asked for, would change the answer, and the backend does not take. */
export const lostSamplers = (
  request: GenerateRequest,
  takes: (name: CommonSampler | EngineSampler) => boolean,
): readonly (CommonSampler | EngineSampler)[] =>
  askedSamplers(request)
    .filter(({ name }) => !takes(name) && !isNeutral(name, { ...request.samplers, ...request }))
    .map(({ name }) => name);

/** For an API that refuses the very value by which others turn this sampler off. */
export const unlessNeutral = (name: CommonSampler, request: GenerateRequest): number | undefined =>
  isNeutral(name, request) ? undefined : request[name];

const askedSamplers = (request: GenerateRequest) =>
  [
    ...commonSamplers.map((name) => ({ name, value: request[name] })),
    ...engineSamplers.map((name) => ({ name, value: request.samplers?.[name] })),
  ].flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
