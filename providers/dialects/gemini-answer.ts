/** Owns the reading of Gemini's answers: chunks in, neutral parts out, over all the responses of which one answer may consist. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { FinishReason, StreamPart, Usage, Warning } from '../../protocol/generate';
import { toBackendError } from '../backend-failure';
import { complaintOf } from '../http';
import { sumOf } from '../repeat-outputs';
import { createStopCutter } from '../stop-sequences';

const text = v.fallback(v.nullish(v.string()), undefined);
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const loose = <Entries extends v.ObjectEntries>(entries: Entries) => v.fallback(v.nullish(v.object(entries)), undefined);

const partSchema = v.object({
  text,
  thought: v.fallback(v.nullish(v.boolean()), undefined),
  functionCall: v.nullish(
    v.object({ id: text, name: v.pipe(v.string(), v.minLength(1)), args: v.nullish(v.record(v.string(), v.unknown())) }),
  ),
});
/** A candidate that used up its tokens while thinking has no content, or content without parts. */
const candidateSchema = v.object({
  content: v.nullish(v.object({ parts: v.nullish(v.array(partSchema)) })),
  finishReason: text,
  finishMessage: text,
  continuationToken: text,
});
const chunkSchema = v.object({
  candidates: v.nullish(v.array(candidateSchema)),
  promptFeedback: loose({ blockReason: text, blockReasonMessage: text }),
  usageMetadata: loose({
    promptTokenCount: count,
    toolUsePromptTokenCount: count,
    cachedContentTokenCount: count,
    candidatesTokenCount: count,
    thoughtsTokenCount: count,
    totalTokenCount: count,
  }),
  modelVersion: text,
});

type Chunk = v.InferOutput<typeof chunkSchema>;
type WirePart = v.InferOutput<typeof partSchema>;

export interface AnswerOptions {
  readonly model: string;
  readonly warnings: readonly Warning[];
  readonly cutStops: readonly string[];
  readonly isLocal: boolean;
}

export interface GeminiAnswer {
  /** One chunk, or a list of them. Throws AiError: `malformed`, `content-policy` for a blocked prompt, or what an error in it means. */
  take(json: unknown): StreamPart[];
  /** One response is over. What to ask with for the next part of the answer, where this was not the last. Throws AiError `interrupted`. */
  next(): string | undefined;
  /** Tool calls, usage and the finish. */
  end(): StreamPart[];
  /** The response has said why it ends, so that nothing need follow. */
  readonly isFinished: boolean;
  /** The answer was cut at a stop sequence on our side: nothing more is wanted. */
  readonly isCut: boolean;
}

export function createGeminiAnswer(options: AnswerOptions): GeminiAnswer {
  const cutter = createStopCutter(options.cutStops);
  const calls: StreamPart[] = [];
  let hasStarted = false;
  let rawReason: string | undefined;
  let token: string | undefined;
  /** Of the responses before this one, and of this one so far: counts grow from chunk to chunk. */
  let before: Usage | undefined;
  let current: Usage | undefined;
  // Whatever it is, the answer had begun: nobody tries again.
  const failed = (complaint: unknown) => toBackendError(complaint, { isLocal: options.isLocal, shouldRetry: false });
  const usage = (): Usage | undefined => (before && current ? sumOf(before, current) : (current ?? before));

  function takePart({ text: piece, thought, functionCall }: WirePart): StreamPart[] {
    if (functionCall != null) {
      const { id, name, args } = functionCall;
      calls.push({ type: 'tool-call', id: id || `call_${calls.length}`, name, arguments: JSON.stringify(args ?? {}) });
    }
    if (!piece) return [];
    return thought ? [{ type: 'reasoning-delta', text: piece }] : textPart(cutter.push(piece));
  }

  function takeChunk({ candidates, promptFeedback, usageMetadata, modelVersion }: Chunk): StreamPart[] {
    if (promptFeedback?.blockReason) {
      const detail = promptFeedback.blockReasonMessage || promptFeedback.blockReason;
      throw backendError('content-policy', 'The backend does not answer this prompt.', { detail });
    }
    if (usageMetadata != null) current = toUsage(usageMetadata);
    const candidate = candidates?.[0];
    if (candidate === undefined) return [];
    const parts: StreamPart[] = hasStarted
      ? []
      : [{ type: 'start', model: modelVersion || options.model, warnings: options.warnings }];
    hasStarted = true;
    if (!cutter.stopped) parts.push(...(candidate.content?.parts ?? []).flatMap(takePart));
    const { finishReason, finishMessage, continuationToken } = candidate;
    // Older models give a reason with every chunk; the last one counts.
    if (finishReason && finishReason !== 'FINISH_REASON_UNSPECIFIED') rawReason = finishReason;
    token = continuationToken ?? token;
    if (failures.has(finishReason ?? ''))
      throw backendError('server', 'The backend failed in the middle of the answer.', {
        detail: finishMessage || finishReason || undefined,
      });
    return parts;
  }

  function takeOne(json: unknown): StreamPart[] {
    const complaint = complaintOf(json);
    if (complaint !== undefined) throw failed(complaint);
    const parsed = v.safeParse(chunkSchema, json);
    if (!parsed.success) throw backendError('malformed', 'The backend sent a chunk that is none.');
    return takeChunk(parsed.output);
  }

  return {
    take: (json) => (Array.isArray(json) ? json.flatMap(takeOne) : takeOne(json)),
    next() {
      if (cutter.stopped) return undefined;
      if (!hasStarted || rawReason === undefined) throw backendError('interrupted', 'The answer broke off.');
      if (rawReason !== 'CONTINUATION' || token === undefined) return undefined;
      const continuation = token;
      before = usage();
      [rawReason, token, current] = [undefined, undefined, undefined];
      return continuation;
    },
    end() {
      const used = usage();
      return [
        ...textPart(cutter.end()),
        ...(cutter.stopped ? [] : calls),
        ...(used === undefined ? [] : [{ type: 'usage', usage: used } as const]),
        cutter.stopped ? { type: 'finish', reason: 'stop' } : finishOf(rawReason ?? '', calls.length > 0),
      ];
    },
    get isFinished() {
      return rawReason !== undefined;
    },
    get isCut() {
      return cutter.stopped;
    },
  };
}

const textPart = (piece: string): StreamPart[] => (piece === '' ? [] : [{ type: 'text-delta', text: piece }]);

/** No answer at all, whatever was said before. */
const failures: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER']);

const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ...['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY', 'LANGUAGE'].map(
    (reason) => [reason, 'content-filter'] as const,
  ),
]);

/** An answer that calls tools stops like any other; that there are calls decides. */
function finishOf(raw: string, hasCalls: boolean): StreamPart {
  const known = reasons.get(raw) ?? 'other';
  return { type: 'finish', reason: known === 'stop' && hasCalls ? 'tool-calls' : known, rawReason: raw };
}

function toUsage(wire: NonNullable<Chunk['usageMetadata']>): Usage {
  const {
    promptTokenCount: prompt,
    toolUsePromptTokenCount: tools,
    candidatesTokenCount: said,
    thoughtsTokenCount: thought,
  } = wire;
  return {
    inputTokens: prompt == null ? undefined : prompt + (tools ?? 0),
    outputTokens: said == null && thought == null ? undefined : (said ?? 0) + (thought ?? 0),
    reasoningTokens: thought ?? undefined,
    cachedTokens: wire.cachedContentTokenCount ?? undefined,
    estimated: false,
  };
}
