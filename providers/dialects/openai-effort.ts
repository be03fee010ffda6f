/** Owns the ways in which APIs that look like OpenAI's are told how much to reason (backends/cloud.md 7, backends/local.md 7). */

import type { ReasoningEffort } from '../../protocol/generate';
import type { Quirks } from '../provider';

/** Fields of the body for one effort. */
export function effortFields(effort: ReasoningEffort, style: Quirks['effort']): Readonly<Record<string, unknown>> {
  const isOn = effort !== 'none';
  // Outside of OpenAI there is nothing below `low`.
  const level = effort === 'minimal' ? 'low' : effort;
  switch (style) {
    case undefined:
      return { reasoning_effort: effort };
    case 'reasoning':
      return { reasoning: { effort } };
    case 'reasoning-enabled':
      return isOn ? { reasoning_effort: level } : { reasoning: { enabled: false } };
    case 'thinking':
      // DeepSeek has `low`, `high` and `max`.
      return isOn
        ? { thinking: { type: 'enabled' }, reasoning_effort: level === 'low' ? 'low' : 'high' }
        : { thinking: { type: 'disabled' } };
    case 'enable-thinking':
      return { enable_thinking: isOn };
    case 'template':
      // Read by the model's chat template; gpt-oss takes the level, Qwen and others the switch.
      return { chat_template_kwargs: { enable_thinking: isOn }, ...(isOn && { reasoning_effort: level }) };
  }
}
