/** Owns the reading of Claude's answers: events in, neutral parts out. It does no input or output of its own. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { FinishReason, StreamPart, Usage, Warning } from '../../protocol/generate';
import { toBackendError } from '../backend-failure';
import { complaintOf } from '../http';
import { createStopCutter } from '../stop-sequences';

const text = v.fallback(v.nullish(v.string()), undefined);
const count = v.fallback(v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined);
const usageSchema = v.fallback(
  v.nullish(
    v.object({
      input_tokens: count,
      output_tokens: count,
      cache_creation_input_tokens: count,
      cache_read_input_tokens: count,
      output_tokens_details: v.fallback(v.nullish(v.object({ thinking_tokens: count })), undefined),
    }),
  ),
  undefined,
);
const blockSchema = v.object({
  type: v.string(),
  text,
  thinking: text,
  id: text,
  name: text,
  input: v.fallback(v.nullish(v.record(v.string(), v.unknown())), undefined),
});
const messageSchema = v.object({
  model: text,
  content: v.fallback(v.nullish(v.array(blockSchema)), undefined),
  stop_reason: text,
  usage: usageSchema,
});
const eventSchema = v.object({
  type: v.string(),
  index: v.fallback(v.nullish(v.number()), undefined),
  message: v.fallback(v.nullish(messageSchema), undefined),
  content_block: v.fallback(v.nullish(blockSchema), undefined),
  delta: v.fallback(v.nullish(v.object({ type: text, text, thinking: text, partial_json: text, stop_reason: text })), undefined),
  usage: usageSchema,
});

type Event = v.InferOutput<typeof eventSchema>;
type Block = v.InferOutput<typeof blockSchema>;
type WireUsage = NonNullable<v.InferOutput<typeof usageSchema>>;

export interface AnswerOptions {
  readonly model: string;
  readonly warnings: readonly Warning[];
  readonly cutStops: readonly string[];
  /** The tool whose input is the answer, where a schema was asked of a model without schemas. */
  readonly answerTool: string | undefined;
  readonly isLocal: boolean;
}

export interface ClaudeAnswer {
  /** One event. Unknown ones are passed over, as the API asks of its clients. Throws AiError: `malformed`, or what an error in it means. */
  take(json: unknown): StreamPart[];
  /** A whole message, from a server that does not stream. */
  takeWhole(json: unknown): StreamPart[];
  /** Tool calls, usage and the finish. Throws AiError `interrupted` where the message had not ended. */
  end(): StreamPart[];
  /** It has said why it ends: nothing but its end mark can follow. */
  readonly isFinished: boolean;
  /** Nothing more is wanted: the message has ended, or was cut at a stop sequence on our side. */
  readonly isOver: boolean;
}

interface Call {
  readonly id: string;
  readonly name: string;
  /** What came with the beginning of the block; whole messages have all of it there. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly pieces: string[];
}

export function createClaudeAnswer(options: AnswerOptions): ClaudeAnswer {
  const cutter = createStopCutter(options.cutStops);
  const calls = new Map<number, Call>();
  let hasStarted = false;
  let hasEnded = false;
  let rawReason: string | undefined;
  let usage: WireUsage | undefined;
  // Whatever it is, the answer had begun: nobody tries again.
  const failed = (complaint: unknown) => toBackendError(complaint, { isLocal: options.isLocal, shouldRetry: false });

  const say = (piece: string | null | undefined): StreamPart[] => textPart(cutter.push(piece ?? ''));
  const think = (piece: string | null | undefined): StreamPart[] => (piece ? [{ type: 'reasoning-delta', text: piece }] : []);

  /** Counts are those of the message so far: a later one replaces an earlier one, and what it does not name stays. */
  function count(wire: v.InferOutput<typeof usageSchema>): void {
    if (wire == null) return;
    usage = { ...usage, ...(Object.fromEntries(Object.entries(wire).filter(([, value]) => value != null)) as WireUsage) };
  }

  function start(message: Event['message']): StreamPart[] {
    if (hasStarted) return [];
    hasStarted = true;
    return [{ type: 'start', model: message?.model || options.model, warnings: options.warnings }];
  }

  function open(block: Block, index: number): StreamPart[] {
    if (block.type === 'tool_use') {
      if (!block.name) throw backendError('malformed', 'The backend sent a tool call without a name.');
      calls.set(index, { id: block.id || `call_${index}`, name: block.name, input: block.input ?? {}, pieces: [] });
    }
    if (block.type === 'thinking') return think(block.thinking);
    return block.type === 'text' ? say(block.text) : [];
  }

  function goOn(delta: NonNullable<Event['delta']>, index: number): StreamPart[] {
    if (delta.type === 'text_delta') return say(delta.text);
    if (delta.type === 'thinking_delta') return think(delta.thinking);
    if (delta.type !== 'input_json_delta') return [];
    const call = calls.get(index);
    call?.pieces.push(delta.partial_json ?? '');
    return call?.name === options.answerTool ? say(delta.partial_json) : [];
  }

  function takeEvent({ type, index, message, content_block, delta, usage: counts }: Event): StreamPart[] {
    const position = index ?? 0;
    switch (type) {
      case 'message_start':
        // What it has said by then is next to nothing, and no count of the whole.
        count(message?.usage && { ...message.usage, output_tokens: undefined });
        return start(message);
      case 'content_block_start':
        return content_block ? open(content_block, position) : [];
      case 'content_block_delta':
        return delta ? goOn(delta, position) : [];
      case 'message_delta':
        count(counts);
        rawReason = delta?.stop_reason ?? rawReason;
        return [];
      case 'message_stop':
        hasEnded = true;
        return [];
      default:
        return [];
    }
  }

  // An empty one is none: servers that imitate Claude write it while there is no reason yet.
  const isFinished = (): boolean => !!rawReason;
  const inOrder = (): Call[] => [...calls].sort(([left], [right]) => left - right).map(([, call]) => call);
  const isAnswer = ({ name }: Call): boolean => name === options.answerTool;
  /** An answer that came with the beginning of its block. */
  const sayInputs = (): StreamPart[] =>
    inOrder().flatMap((call) => (isAnswer(call) && call.pieces.join('') === '' ? say(JSON.stringify(call.input)) : []));
  const toCalls = (): StreamPart[] =>
    inOrder()
      .filter((call) => !isAnswer(call))
      .map(({ id, name, input, pieces }) => ({
        type: 'tool-call',
        id,
        name,
        // A tool without arguments is called with no JSON at all.
        arguments: pieces.join('') || JSON.stringify(input),
      }));

  return {
    take(json) {
      const complaint = complaintOf(json);
      if (complaint !== undefined) throw failed(complaint);
      const parsed = v.safeParse(eventSchema, json);
      if (!parsed.success) throw backendError('malformed', 'The backend sent an event that is none.');
      return takeEvent(parsed.output);
    },
    takeWhole(json) {
      const complaint = complaintOf(json);
      if (complaint !== undefined) throw failed(complaint);
      const parsed = v.safeParse(messageSchema, json);
      const content = parsed.success ? parsed.output.content : undefined;
      if (!parsed.success || content == null) throw backendError('malformed', 'The backend sent an answer that is none.');
      rawReason = parsed.output.stop_reason ?? undefined;
      hasEnded = true;
      count(parsed.output.usage);
      return [...start(parsed.output), ...content.flatMap(open)];
    },
    end() {
      if (!hasStarted || !(hasEnded || isFinished() || cutter.stopped))
        throw backendError('interrupted', 'The answer broke off.');
      const said = [...sayInputs(), ...textPart(cutter.end())];
      return [
        ...said,
        ...(cutter.stopped ? [] : toCalls()),
        ...(usage === undefined ? [] : [{ type: 'usage', usage: toUsage(usage) } as const]),
        cutter.stopped ? { type: 'finish', reason: 'stop' } : finishOf(rawReason, options.answerTool),
      ];
    },
    get isFinished() {
      return isFinished();
    },
    get isOver() {
      return hasEnded || cutter.stopped;
    },
  };
}

const textPart = (text: string): StreamPart[] => (text === '' ? [] : [{ type: 'text-delta', text }]);

const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
]);

/** `pause_turn` belongs to the vendor's own tools, which are never asked for; it ends as `other`. */
function finishOf(raw: string | undefined, answerTool: string | undefined): StreamPart {
  const known = reasons.get(raw ?? '') ?? 'other';
  const reason = answerTool !== undefined && known === 'tool-calls' ? 'stop' : known;
  return { type: 'finish', reason, ...(raw && { rawReason: raw }) };
}

/** The input is what was read anew, what was put into the cache and what came out of it, each counted apart. */
function toUsage(wire: WireUsage): Usage {
  const { input_tokens, cache_creation_input_tokens: written, cache_read_input_tokens: read } = wire;
  return {
    inputTokens: input_tokens == null ? undefined : input_tokens + (written ?? 0) + (read ?? 0),
    outputTokens: wire.output_tokens ?? undefined,
    reasoningTokens: wire.output_tokens_details?.thinking_tokens ?? undefined,
    cachedTokens: read ?? undefined,
    cacheWriteTokens: written ?? undefined,
    estimated: false,
  };
}
