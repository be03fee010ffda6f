/** The presets that come with Oriel, as dated data: November 2026. `neutral` turns off every common sampler but the temperature. */

import type { SamplerSettings } from '../../../protocol/model-settings';

export type BuiltInId = 'neutral' | 'precise' | 'creative' | 'min-p';

export const builtInPresets: readonly { readonly id: BuiltInId; readonly samplers: SamplerSettings }[] = [
  {
    id: 'neutral',
    samplers: {
      temperature: 1,
      topP: 1,
      topK: 0,
      minP: 0,
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
    },
  },
  { id: 'precise', samplers: { temperature: 0.2, topP: 0.9 } },
  { id: 'creative', samplers: { temperature: 1.2, topP: 0.95 } },
  { id: 'min-p', samplers: { temperature: 1, topP: 1, topK: 0, minP: 0.05 } },
];
