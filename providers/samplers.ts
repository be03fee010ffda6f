/** Owns the step from neutral samplers to a backend's own names. */

import type { GenerateRequest, Warning } from '../protocol/generate';
import { type CommonSampler, commonSamplers, type EngineSampler, engineSamplers, isNeutral } from '../protocol/model-settings';

/** The wire name, or all the names, of each sampler that the backend takes. */
export type SamplerNames = Readonly<Partial<Record<CommonSampler | EngineSampler, string | readonly string[]>>>;

/** What the backend takes of a sampler; one value outside, and it would refuse the whole request. */
export type SamplerRanges = Readonly<Partial<Record<CommonSampler | EngineSampler, readonly [least: number, most: number]>>>;

export interface WireSamplers {
  readonly fields: Readonly<Record<string, number>>;
  /** For those that were asked for and the backend does not have, or not with this value. */
  readonly warnings: readonly Warning[];
}

/** A value that turns a sampler off is passed on like any other, since the backend's own default may be another. */
export function toWireSamplers(request: GenerateRequest, names: SamplerNames, ranges: SamplerRanges = {}): WireSamplers {
  const asked = askedSamplers(request);
  return {
    fields: Object.fromEntries(
      asked.flatMap(({ name, value }) => [names[name] ?? []].flat().map((wireName) => [wireName, within(value, ranges[name])])),
    ),
    warnings: [
      ...lostSamplers(request, (name) => names[name] !== undefined).map((parameter) => ({
        type: 'parameter-dropped' as const,
        parameter,
      })),
      ...limitedSamplers(request, ranges, (name) => names[name] !== undefined),
    ],
  };
}

/** The nearest value that the backend takes. */
export const within = (value: number, [least, most]: readonly [number, number] = [value, value]): number =>
  Math.min(most, Math.max(least, value));

/** Said where another value is sent than was asked for. */
export const limited = (parameter: string, asked: number | undefined, sent: number): readonly Warning[] =>
  asked === undefined || asked === sent ? [] : [{ type: 'value-limited', parameter, asked, sent }];

/** What was asked for and would change the answer, beyond what the backend takes. */
export const limitedSamplers = (
  request: GenerateRequest,
  ranges: SamplerRanges,
  takes: (name: CommonSampler | EngineSampler) => boolean = () => true,
): readonly Warning[] =>
  askedSamplers(request)
    .filter(({ name }) => takes(name) && !isNeutral(name, { ...request.samplers, ...request }))
    .flatMap(({ name, value }) => limited(name, value, within(value, ranges[name])));

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
