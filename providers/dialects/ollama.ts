/** Owns the dialect of Ollama's own API: a JSON document a line, whose last one says why the answer ended. */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { Capability, FinishReason, GenerateRequest, ModelInfo, StreamPart, Warning } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { settingsOf } from '../../protocol/model-settings';
import { toBackendError } from '../backend-failure';
import type { Clock } from '../clock';
import { askForJson, embedAll, readOllamaEmbeddings } from '../embeddings';
import { errand, exchange } from '../exchange';
import { complaintOf, createHttp } from '../http';
import type { Lifeline } from '../lifeline';
import { readNdjson } from '../ndjson';
import { baseUrlOf, isNear } from '../place';
import type { CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { withThoughtsApart } from '../thoughts';
import { buildOllamaRequest } from './ollama-request';

const text = v.nullish(v.string());
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const lineSchema = v.object({
  model: text,
  message: v.nullish(
    v.object({
      content: text,
      thinking: text,
      tool_calls: v.nullish(
        v.array(v.object({ id: text, function: v.object({ name: v.string(), arguments: v.optional(v.unknown()) }) })),
      ),
    }),
  ),
  done: v.optional(v.boolean(), false),
  done_reason: text,
  prompt_eval_count: count,
  eval_count: count,
});
type Line = v.InferOutput<typeof lineSchema>;

/** A provider for `POST {base}/api/chat`, `GET {base}/api/tags` and `GET {base}/api/ps` (Ollama's API documentation). */
export function createOllama(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { connection, fetch } = context;
  const isLocal = isNear(row, connection);
  const http = createHttp({ fetch, clock, isLocal, headers: {} });
  const base = baseUrlOf(row, connection) ?? '';

  /** Once more without the thought that this model cannot have: nothing was delivered yet. */
  async function ask(request: GenerateRequest, lifeline: Lifeline) {
    const settings = settingsOf(connection, request.model ?? '');
    const built = buildOllamaRequest(request, settings);
    try {
      return { warnings: built.warnings, body: (await http.post(`${base}/api/chat`, built.body, lifeline)).body };
    } catch (error) {
      const cannotThink = error instanceof AiError && /does not support thinking/.test(error.detail ?? '');
      if (!cannotThink || request.reasoningEffort === undefined) throw error;
      const plain = buildOllamaRequest(request, settings, false);
      return { warnings: plain.warnings, body: (await http.post(`${base}/api/chat`, plain.body, lifeline)).body };
    }
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const { body, warnings } = await ask(request, lifeline);
      const answer = createAnswer(request.model ?? '', warnings, isLocal);
      try {
        for await (const line of readNdjson(body.read)) {
          body.progressed();
          yield* answer.take(line);
          if (answer.isFinished) return;
        }
        throw backendError('interrupted', 'The answer broke off.');
      } finally {
        body.cancel();
      }
    });

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline) => {
        const list = await http.get(`${base}/api/tags`, lifeline);
        // An older server does not tell what is loaded; the list stands without it.
        const loaded = await http.get(`${base}/api/ps`, lifeline).catch(() => undefined);
        return parseTags(list, loaded);
      }),
    embed: (request, signal) =>
      embedAll(request, signal, clock, {
        most: limits.embedTexts,
        ask: async (input, lifeline) => {
          const { model, dimensions } = request;
          const body = { model, input, ...(dimensions !== undefined && { dimensions }) };
          return readOllamaEmbeddings(await askForJson(http, `${base}/api/embed`, body, isLocal, lifeline));
        },
      }),
    generate: withThoughtsApart(row, context, (request, signal) => repeatOutputs(generateOnce, request, signal)),
  };
}

function createAnswer(model: string, warnings: readonly Warning[], isLocal: boolean) {
  let hasStarted = false;
  let isFinished = false;
  let calls = 0;

  const takeLine = ({ model: name, message, done, done_reason, prompt_eval_count, eval_count }: Line): StreamPart[] => {
    const parts: StreamPart[] = [];
    if (!hasStarted) parts.push({ type: 'start', model: name || model, warnings });
    hasStarted = true;
    if (message?.thinking) parts.push({ type: 'reasoning-delta', text: message.thinking });
    if (message?.content) parts.push({ type: 'text-delta', text: message.content });
    for (const { id, function: called } of message?.tool_calls ?? []) {
      calls += 1;
      const json = typeof called.arguments === 'string' ? called.arguments : JSON.stringify(called.arguments ?? {});
      // Older servers give none.
      parts.push({ type: 'tool-call', id: id || `call_${calls}`, name: called.name, arguments: json });
    }
    if (!done) return parts;
    isFinished = true;
    const usage = {
      inputTokens: prompt_eval_count ?? undefined,
      outputTokens: eval_count ?? undefined,
      estimated: false,
    };
    const raw = done_reason ?? '';
    return [
      ...parts,
      { type: 'usage', usage },
      { type: 'finish', reason: calls > 0 ? 'tool-calls' : (reasons.get(raw) ?? 'other'), ...(raw !== '' && { rawReason: raw }) },
    ];
  };

  return {
    /** @throws AiError `malformed`, or what an `error` line means */
    take(json: unknown): StreamPart[] {
      const complaint = complaintOf(json);
      // The answer had begun: nobody tries again.
      if (complaint !== undefined) throw toBackendError(complaint, { isLocal, shouldRetry: false });
      const line = v.safeParse(lineSchema, json);
      if (!line.success || Array.isArray(json)) throw backendError('malformed', 'The backend sent a line that is none.');
      return takeLine(line.output);
    },
    get isFinished() {
      return isFinished;
    },
  };
}

/** Servers before 0.1.30 or so give no reason with the last line. */
const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['', 'stop'],
  ['stop', 'stop'],
  ['length', 'length'],
]);

const contextLength = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))), undefined);
const modelSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.modelChars)),
  context_length: contextLength,
  details: v.fallback(v.nullish(v.object({ family: v.fallback(text, undefined) })), undefined),
  capabilities: v.fallback(v.nullish(v.array(v.string())), undefined),
});
const tagsSchema = v.object({ models: v.nullish(v.array(v.unknown())) });

const entries = (json: unknown) => {
  const list = v.safeParse(tagsSchema, json);
  if (!list.success) throw backendError('malformed', 'The backend sent a model list that is none.');
  return (list.output.models ?? []).flatMap((item) => {
    const model = v.safeParse(modelSchema, item);
    return model.success ? [model.output] : [];
  });
};

const capabilityNames: readonly (readonly [string, Capability])[] = [
  ['tools', 'tools'],
  ['thinking', 'reasoning'],
];

/** Servers that tell no capabilities: these kinds make vectors alone, whatever they are called; so do models that are named for it. Dated: November 2026. */
const embedFamily = /bert/i;
const embedName = /embed|(^|\/)(bge|all-minilm|paraphrase)-/i;

const canChat = ({ name, capabilities, details }: v.InferOutput<typeof modelSchema>): boolean =>
  capabilities?.includes('completion') ?? !(embedFamily.test(details?.family ?? '') || embedName.test(name));

/** What is loaded tells the context that is really there; the model itself only what it was trained for, which is told of none. */
function parseTags(list: unknown, loaded: unknown): ModelInfo[] {
  const running = new Map(loaded === undefined ? [] : entries(loaded).map((model) => [model.name, model]));
  return entries(list)
    .filter(canChat)
    .map(({ name, capabilities }) => {
      const contextTokens = running.get(name)?.context_length;
      return {
        id: name,
        name: name.replace(/:latest$/, ''),
        ...(contextTokens != null && { contextTokens }),
        ...(capabilities != null && {
          inputs: capabilities.includes('vision') ? (['text', 'image'] as const) : (['text'] as const),
          capabilities: [
            ...capabilityNames.filter(([wire]) => capabilities.includes(wire)).map(([, capability]) => capability),
            'json-schema' as const,
          ],
        }),
        ...(loaded !== undefined && { loaded: running.has(name) }),
      };
    });
}
