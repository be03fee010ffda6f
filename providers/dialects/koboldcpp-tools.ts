/** Owns what KoboldCPP's own API has no place for: a chat with tools goes to its Chat Completions, under a key of ours like every other. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest } from '../../protocol/generate';
import type { Clock } from '../clock';
import { koboldRoot } from '../kobold-root';
import { addressOf } from '../place';
import type { CatalogRow, Provider, ProviderContext, Quirks } from '../provider';
import { isAtLeast } from './kobold';
import { samplers } from './koboldcpp-request';
import { createOpenAiChat } from './openai-chat';

/** Before it the route counted tokens wrongly and ended its streams in ways of its own (backends/local.md §3.4). */
export const hasTools = (version: string): boolean => isAtLeast(version, [1, 102]);

/** An earlier call and its result are nothing that a prompt could hold either. */
export const usesTools = ({ tools = [], messages }: GenerateRequest): boolean =>
  tools.length > 0 || messages.some(({ content }) => content.some(({ type }) => type === 'tool-call' || type === 'tool-result'));

/** Native fields are taken beside OpenAI's. */
const quirksOf = (own: Quirks, genkey: string): Quirks => ({
  ...own,
  samplers: samplers.map(([name]) => name),
  samplerNames: Object.fromEntries(samplers.map(([name, wire]) => [name, [wire]])),
  lacks: [{ fields: ['frequencyPenalty', 'reasoningEffort'] }],
  constants: [{ fields: { genkey } }],
});

/**
 * Which tool is called it finds out in generations before the answer, so that closing the socket is not enough to stop it.
 * @param stop ends what runs under the key
 * @throws AiError `not-supported` with the field, before anything is generated
 */
export async function* answerWithTools(
  request: GenerateRequest,
  signal: AbortSignal,
  server: { readonly version: string },
  { row, context, clock, stop }: { row: CatalogRow; context: ProviderContext; clock: Clock; stop: (genkey: string) => void },
): ReturnType<Provider['generate']> {
  if (!hasTools(server.version))
    throw backendError('not-supported', 'Tools need KoboldCPP 1.102 or later.', {
      field: 'tools',
      detail: `KoboldCPP ${server.version}: tools need 1.102 or later.`,
    });
  if (request.responseFormat?.type === 'json-schema')
    throw backendError('not-supported', 'KoboldCPP takes a schema or tools, not both.', { field: 'responseFormat' });
  const genkey = `KCPP${Math.floor(clock.random() * 1e12)}`;
  const connection = { ...context.connection, baseUrl: `${koboldRoot(addressOf(row, context.connection))}/v1` };
  const chat = createOpenAiChat({ ...row, quirks: quirksOf(row.quirks, genkey) }, { ...context, connection }, clock);
  let isRunning = true;
  try {
    for await (const part of chat.generate(request, signal)) {
      if (part.type === 'finish') isRunning = false;
      yield part;
    }
  } catch (error) {
    // What the server refused does not run; what we gave up may.
    isRunning = signal.aborted;
    throw error;
  } finally {
    if (isRunning) stop(genkey);
  }
}
