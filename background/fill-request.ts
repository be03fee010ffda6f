/** Owns what a request becomes before it goes to a backend: what the page left open is filled in from the person's settings. */

import type { GenerateRequest } from '../protocol/generate';
import { limits } from '../protocol/limits';
import { commonSamplers, type EngineSampler, engineSamplers, type ModelSettings } from '../protocol/model-settings';

/** The page's own words come first; its stop sequences and the person's hold together, as far as there is room. */
export function fillRequest(
  request: GenerateRequest,
  { samplers = {}, maxOutputTokens, stop = [] }: ModelSettings,
): GenerateRequest {
  const common = Object.fromEntries(
    commonSamplers
      .filter((name) => request[name] === undefined && samplers[name] !== undefined)
      .map((name) => [name, samplers[name]]),
  );
  const engine = Object.fromEntries(
    engineSamplers.filter((name) => samplers[name] !== undefined).map((name) => [name, samplers[name]]),
  ) as Partial<Record<EngineSampler, number>>;
  const stops = [...new Set([...(request.stop ?? []), ...stop])].slice(0, limits.stopSequences);
  const most = request.maxOutputTokens ?? maxOutputTokens;
  return {
    ...request,
    ...common,
    ...(Object.keys(engine).length > 0 && { samplers: engine }),
    ...(stops.length > 0 && { stop: stops }),
    ...(most !== undefined && { maxOutputTokens: most }),
  };
}
