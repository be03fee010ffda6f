/** Owns the dialect of the engine on this device, which speaks the neutral types already: it refuses what the engine cannot do. */

import { AiError, backendError, toAiError } from '../../protocol/errors';
import type { GenerateRequest, Part, StreamPart, Warning } from '../../protocol/generate';
import { commonSamplers, llamaCppNames } from '../../protocol/model-settings';
import type { Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { lostSamplers } from '../samplers';

/**
 * A provider over `context.engine`. Images and audio are refused, and by the engine tools that the model does not know: without them the answer
 * would be to another question.
 */
export function createOnDevice({ engine }: Pick<ProviderContext, 'engine'>): Provider {
  async function* generateOnce(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<StreamPart, void, undefined> {
    try {
      signal.throwIfAborted();
      const lost = lostSamplers(request, (name) => taken.has(name)).map(
        (parameter): Warning => ({ type: 'parameter-dropped', parameter }),
      );
      for await (const part of engine.generate(request.model ?? '', request, signal))
        yield part.type === 'start' ? { ...part, warnings: [...part.warnings, ...lost] } : part;
    } catch (error) {
      if (signal.aborted) throw aborted(error);
      if (error instanceof AiError) throw error;
      throw backendError('engine', 'The model on this device failed.', { cause: error });
    }
  }

  return {
    async models(signal) {
      try {
        const models = await engine.models();
        const chatting = models.filter(({ makesEmbeddings }) => !makesEmbeddings);
        return chatting.map(({ id, name, contextTokens, takesTools }) => ({
          id,
          name,
          contextTokens,
          inputs: ['text'],
          capabilities: takesTools ? ['json-schema', 'tools'] : ['json-schema'],
        }));
      } catch (error) {
        throw signal.aborted ? aborted(error) : toAiError(error);
      }
    },
    async embed({ input, model }, signal) {
      try {
        const able = (await engine.models()).filter(({ makesEmbeddings }) => makesEmbeddings);
        // The chosen model is the one that chats, most of the time.
        const { id } = able.find((one) => one.id === model) ?? able[0] ?? {};
        if (id === undefined)
          throw backendError('not-supported', 'No model on this device makes embeddings.', { field: 'model' });
        return { model: id, ...(await engine.embed(id, input, signal)) };
      } catch (error) {
        throw signal.aborted ? aborted(error) : toAiError(error);
      }
    },
    async *generate(request, signal) {
      refuseUnsupported(request);
      yield* repeatOutputs(generateOnce, request, signal);
    },
  };
}

const taken: ReadonlySet<string> = new Set([...commonSamplers, ...Object.keys(llamaCppNames)]);

const aborted = (cause: unknown): AiError => new AiError('aborted', 'The request was aborted.', { cause });

const refused: ReadonlySet<Part['type']> = new Set<Part['type']>(['image', 'audio']);

function refuseUnsupported({ messages, responseFormat }: GenerateRequest): void {
  const isPattern = responseFormat?.type === 'regexp';
  const seesMore = messages.some(({ content }) => content.some(({ type }) => refused.has(type)));
  const field = isPattern ? 'responseFormat' : seesMore ? 'messages' : undefined;
  if (field !== undefined) throw backendError('not-supported', 'The model on this device takes text only.', { field });
}
