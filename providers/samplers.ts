/** Owns the step from neutral samplers to a backend's own names. */

import type { GenerateRequest, Warning } from '../protocol/generate';
import { type CommonSampler, commonSamplers, type EngineSampler, engineSamplers } from '../protocol/model-settings';

/** The wire name, or all the names, of each sampler that the backend takes. */
export type SamplerNames = Readonly<Partial<Record<CommonSampler | EngineSampler, string | readonly string[]>>>;

export interface WireSamplers {
  readonly fields: Readonly<Record<string, number>>;
  /** For those that were asked for and the backend does not have. */
  readonly warnings: readonly Warning[];
}

export function toWireSamplers(request: GenerateRequest, names: SamplerNames): WireSamplers {
  const asked = [
    ...commonSamplers.map((name) => [name, request[name]] as const),
    ...engineSamplers.map((name) => [name, request.samplers?.[name]] as const),
  ].flatMap(([name, value]) => (value === undefined ? [] : [{ name, value, wireNames: names[name] }]));
  return {
    fields: Object.fromEntries(
      asked.flatMap(({ value, wireNames = [] }) => [wireNames].flat().map((wireName) => [wireName, value])),
    ),
    warnings: asked.flatMap(({ name, wireNames }) =>
      wireNames === undefined ? [{ type: 'parameter-dropped' as const, parameter: name }] : [],
    ),
  };
}
