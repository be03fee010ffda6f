/** Owns OpenAI's choice between its two APIs, model by model. */

import type { GenerateRequest } from '../../protocol/generate';
import type { Clock } from '../clock';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { createOpenAiChat } from './openai-chat';
import { isResponsesOnly, toolsForbidReasoning } from './openai-reasoning';
import { createOpenAiResponses } from './openai-responses';

/** Chat Completions, which can do more for an ordinary model; the Responses API where only that one answers what is asked. */
export function createOpenAi(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const chat = createOpenAiChat(row, context, clock);
  const responses = createOpenAiResponses(row, context, clock);
  return {
    ...chat,
    generate: (request, signal) => (needsResponses(request) ? responses : chat).generate(request, signal),
  };
}

function needsResponses({ model = '', tools = [], reasoningEffort }: GenerateRequest): boolean {
  return isResponsesOnly(model) || (tools.length > 0 && reasoningEffort !== 'none' && toolsForbidReasoning(model));
}
