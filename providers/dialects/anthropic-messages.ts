/** Owns the dialect of Anthropic's Messages API, which Claude speaks and several servers imitate: one request up, a stream of events down. */

import type { ModelInfo, StreamPart } from '../../protocol/generate';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { readToEnd } from '../ending';
import { errand, exchange } from '../exchange';
import { type Answer, createHttp } from '../http';
import { readJsonEvents } from '../json-events';
import { addressOf, isNear } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { type ClaudeAnswer, createClaudeAnswer } from './anthropic-answer';
import { parseClaudeModels } from './anthropic-models';
import { buildClaudeRequest } from './anthropic-request';
import { rulesOf } from './anthropic-rules';

/** A provider for `POST {base}/messages` and `GET {base}/models` (Anthropic API reference). */
export function createAnthropicMessages(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const isLocal = isNear(row, context.connection);
  const isOwnServer = row.address.type === 'asked';
  const http = createHttp({ fetch: context.fetch, clock, isLocal, headers: row.headers ?? {} });
  const base = (): string => addressOf(row, context.connection);

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const model = request.model ?? '';
      const { body, ...built } = buildClaudeRequest(request, rulesOf(model, isOwnServer));
      const answer = await http.post(`${base()}/messages`, body, lifeline);
      const claude = createClaudeAnswer({ ...built, model, isLocal });
      try {
        if (answer.kind === 'sse') yield* readStream(answer, claude);
        else yield* claude.takeWhole(await readJson(answer.body));
        yield* claude.end();
      } finally {
        answer.body.cancel();
      }
    });

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const models = new Map<string, ModelInfo>();
        const asked = new Set<string | undefined>();
        // A page that was read already ends a list that goes in a circle.
        for (let after: string | undefined; !asked.has(after); ) {
          asked.add(after);
          const query = after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`;
          const page = parseClaudeModels(await http.get(`${base()}/models?limit=1000${query}`, lifeline));
          for (const model of page.models) models.set(model.id, model);
          after = page.next;
        }
        return [...models.values()];
      }),
    generate: (request, signal) => repeatOutputs(generateOnce, request, signal),
  };
}

async function* readStream({ body }: Answer, claude: ClaudeAnswer): AsyncGenerator<StreamPart, void, undefined> {
  for await (const json of readToEnd(readJsonEvents(body), body, () => claude.isFinished)) {
    yield* claude.take(json);
    if (claude.isOver) return;
  }
}
