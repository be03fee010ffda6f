/** Owns the body of a request to Claude: what the model takes, what is left out with a warning, and what is refused. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest, ReasoningEffort, Warning } from '../../protocol/generate';
import { limited, type SamplerNames, toWireSamplers, unlessNeutral } from '../samplers';
import { type Conversation, toConversation } from './anthropic-conversation';
import type { ClaudeRules } from './anthropic-rules';
import { canEnforce, toClaudeSchema } from './anthropic-schema';

export interface ClaudeRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  /** Stop sequences to cut at on our side. */
  readonly cutStops: readonly string[];
  /** The input of this tool is the answer: a schema that this model enforces in no other way. */
  readonly answerTool: string | undefined;
}

/** Where nobody said how long an answer may be; the API wants a number. */
const usualOutput = 4096;
const leastBudget = 1024;
const budgets: Readonly<Record<ReasoningEffort, number>> = { none: 0, minimal: 1024, low: 2048, medium: 8192, high: 24_576 };
const answerTool = 'answer';

/**
 * The body of `POST {base}/messages` (Anthropic API reference, Messages, version 2023-06-01).
 * @throws AiError fault `not-supported` for what this model refuses and what cannot be left out without changing the meaning
 */
export function buildClaudeRequest(request: GenerateRequest, rules: ClaudeRules): ClaudeRequest {
  const { messages, tools = [], toolChoice, responseFormat, stop = [] } = request;
  const conversation = toConversation(messages);
  if (conversation.isPrefilled && !rules.takesPrefill)
    throw backendError('not-supported', 'This model does not continue an answer that was begun for it.', { field: 'messages' });
  const schema = responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined;
  const asTool = schema !== undefined && !(rules.hasSchemas && canEnforce(schema));
  if (asTool && tools.length > 0)
    throw backendError('not-supported', 'This model takes this schema or tools, not both.', { field: 'responseFormat' });
  const isForced = asTool || (tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object'));
  if (isForced && !rules.forcesTools)
    throw backendError('not-supported', 'This model cannot be made to call a tool.', {
      field: asTool ? 'responseFormat' : 'toolChoice',
    });
  const thought = thoughtOf(request, rules, conversation, isForced);
  const samplers = samplersOf(request, rules, thought.isOn);
  const format = schema !== undefined && !asTool && { format: { type: 'json_schema', schema: toClaudeSchema(schema) } };
  const config = { ...(thought.effort !== undefined && { effort: thought.effort }), ...format };
  const sentStops = stop.filter((text) => text.trim() !== '');
  return {
    body: {
      model: request.model ?? '',
      max_tokens: thought.maxTokens,
      messages: conversation.turns,
      stream: true,
      ...(conversation.system !== undefined && { system: conversation.system }),
      ...samplers.fields,
      ...(sentStops.length > 0 && { stop_sequences: sentStops }),
      ...(thought.thinking && { thinking: thought.thinking }),
      ...(Object.keys(config).length > 0 && { output_config: config }),
      ...(asTool && schema !== undefined ? schemaTool(schema) : toolFields(request)),
    },
    warnings: [
      ...samplers.warnings,
      ...limited('maxOutputTokens', request.maxOutputTokens, thought.maxTokens),
      ...thought.warnings,
    ],
    // Blank ones are refused.
    cutStops: stop.filter((text) => text.trim() === ''),
    answerTool: asTool ? answerTool : undefined,
  };
}

const dropped = (parameter: string): Warning => ({ type: 'parameter-dropped', parameter });

function samplersOf(request: GenerateRequest, { samplers, mixesThinking }: ClaudeRules, thinks: boolean) {
  const isFree = samplers !== 'none' && (mixesThinking || !thinks);
  const takesTopP = isFree && (samplers === 'all' || request.temperature === undefined);
  const names: SamplerNames = {
    ...(isFree && { temperature: 'temperature', topK: 'top_k' }),
    ...(takesTopP && { topP: 'top_p' }),
  };
  return toWireSamplers({ ...request, topK: unlessNeutral('topK', request) }, names, { temperature: [0, 1] });
}

interface Thought {
  readonly thinking?: object;
  readonly effort?: string;
  readonly isOn: boolean;
  readonly maxTokens: number;
  readonly warnings: readonly Warning[];
}

/** `max_tokens` holds the thoughts and the answer together: where nobody set a limit, there is room for both. */
function thoughtOf(request: GenerateRequest, rules: ClaudeRules, conversation: Conversation, isForced: boolean): Thought {
  const { reasoningEffort: effort, maxOutputTokens } = request;
  const within = (tokens: number): number => Math.min(maxOutputTokens ?? tokens, rules.maxOutputTokens);
  const without = { isOn: false, maxTokens: within(usualOutput), warnings: [] };
  const lost = { ...without, warnings: [dropped('reasoningEffort')] };
  if (effort === undefined) return without;
  if (rules.thinking === 'none') return effort === 'none' ? without : lost;
  const on = { isOn: true, maxTokens: within(budgets[effort] + usualOutput), warnings: [] };
  if (rules.thinking === 'budget') {
    if (effort === 'none') return without;
    // Refused beside a forced tool, a begun answer, and in a loop of tools whose thoughts are not sent back.
    if (isForced || conversation.isPrefilled || conversation.isToolLoop) return lost;
    // Where the answer has a limit, half of it is left for what is said.
    const most = maxOutputTokens === undefined ? on.maxTokens - usualOutput : Math.floor(on.maxTokens / 2);
    const budget = Math.min(budgets[effort], most);
    return budget < leastBudget ? lost : { ...on, thinking: { type: 'enabled', budget_tokens: budget } };
  }
  if (effort === 'none') {
    return rules.thinking === 'always' ? { ...lost, effort: 'low' } : { ...without, thinking: { type: 'disabled' } };
  }
  if (isForced) return lost;
  return { ...on, effort: effort === 'minimal' ? 'low' : effort, thinking: { type: 'adaptive', display: 'summarized' } };
}

function toolFields({ tools = [], toolChoice }: GenerateRequest): object {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      ...(description !== undefined && { description }),
      input_schema: { type: 'object', ...parameters },
    })),
    ...(toolChoice !== undefined && { tool_choice: toWireChoice(toolChoice) }),
  };
}

function toWireChoice(choice: NonNullable<GenerateRequest['toolChoice']>): object {
  if (typeof choice === 'object') return { type: 'tool', name: choice.name };
  return { type: choice === 'required' ? 'any' : choice };
}

const schemaTool = (schema: Readonly<Record<string, unknown>>): object => ({
  tools: [{ name: answerTool, description: 'Give the answer in this form.', input_schema: { type: 'object', ...schema } }],
  tool_choice: { type: 'tool', name: answerTool, disable_parallel_tool_use: true },
});
