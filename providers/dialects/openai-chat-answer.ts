/** Owns the reading of Chat Completions answers, streamed or whole: chunks in, neutral parts out. It does no input or output of its own. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { FinishReason, StreamPart, Usage, Warning } from '../../protocol/generate';
import { toBackendError } from '../backend-failure';
import { complaintOf } from '../http';
import { createStopCutter, type StopCutter } from '../stop-sequences';
import { createThoughtSplitter, type Split, splitParts, type ThoughtSplitter } from '../thoughts';
import { createToolCalls, type ToolCalls, wireToolCalls } from './openai-tool-calls';
import { toUsage, type UsageRules, usageSchema } from './openai-usage';

const text = v.nullish(v.string());
/** Some servers send content as a list of parts, of which those with text count; Mistral's models think in others. */
const thinking = v.fallback(v.nullish(v.array(v.object({ text }))), undefined);
const content = v.nullish(v.union([v.string(), v.array(v.object({ type: v.string(), text, thinking }))]));

const messageSchema = v.object({
  content,
  refusal: text,
  reasoning: v.fallback(text, undefined),
  reasoning_content: v.fallback(text, undefined),
  tool_calls: v.nullish(wireToolCalls),
});
const choiceSchema = v.object({
  index: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  delta: v.nullish(messageSchema),
  message: v.nullish(messageSchema),
  finish_reason: text,
  error: v.optional(v.unknown()),
});
const chunkSchema = v.object({
  model: v.fallback(text, undefined),
  choices: v.nullish(v.array(choiceSchema)),
  usage: v.fallback(v.nullish(usageSchema), undefined),
  x_groq: v.fallback(v.nullish(v.object({ usage: v.fallback(v.nullish(usageSchema), undefined) })), undefined),
});

type Choice = v.InferOutput<typeof choiceSchema>;
type WireMessage = v.InferOutput<typeof messageSchema>;

interface Output {
  readonly cutter: StopCutter;
  /** Absent where the answer is all answer. */
  readonly splitter: ThoughtSplitter | undefined;
  readonly calls: ToolCalls;
  rawReason?: string;
}

export interface AnswerOptions {
  readonly model: string;
  readonly warnings: readonly Warning[];
  readonly outputs: number;
  readonly cutStops: readonly string[];
  readonly isLocal: boolean;
  readonly usage: UsageRules;
  /** The answer may begin with a thought in tags. */
  readonly thinksAloud: boolean;
  /** Its opening tag may be in the prompt already. */
  readonly beginsInside?: boolean;
}

export interface ChatAnswer {
  /** One chunk, or the whole answer. Throws AiError: `malformed`, or what an `error` in it means. */
  take(json: unknown): StreamPart[];
  /** The text of chunks that bring nothing else. Only after one that did, and where one output was asked for. */
  takeText(text: string): StreamPart[];
  /** One output was asked for. */
  readonly isOne: boolean;
  /** What was held back, tool calls, usage and the finish of each output. Throws AiError `interrupted` where one has not finished. */
  end(): StreamPart[];
  /** Anything of an answer has come. */
  readonly hasStarted: boolean;
  /** Every output has ended, so that nothing but usage can follow. */
  readonly isFinished: boolean;
  /** Every output was cut at a stop sequence on our side: nothing more is wanted. */
  readonly isCut: boolean;
}

export function createChatAnswer(options: AnswerOptions): ChatAnswer {
  const outputs: readonly Output[] = Array.from({ length: options.outputs }, () => ({
    cutter: createStopCutter(options.cutStops),
    splitter: options.thinksAloud ? createThoughtSplitter(options.beginsInside) : undefined,
    calls: createToolCalls(),
  }));
  let hasStarted = false;
  let usage: Usage | undefined;
  // Whatever it is, the answer had begun: nobody tries again.
  const failed = (complaint: unknown) => toBackendError(complaint, { isLocal: options.isLocal, shouldRetry: false });

  function takeChoice(choice: Choice, position: number): StreamPart[] {
    // OpenRouter may put the error of a whole answer inside its choice.
    if (choice.error) throw failed({ error: choice.error });
    const number = choice.index ?? position;
    const output = outputs[number];
    // More answers than were asked for belong to nobody.
    if (output === undefined || output.cutter.stopped) return [];
    const isWhole = choice.message != null;
    const message = choice.message ?? choice.delta;
    const parts = message == null ? [] : takeMessage(message, output, number, isWhole);
    const reason = choice.finish_reason ?? '';
    // LocalAI writes an empty string, KoboldCPP 1.77 the word "null", while there is no reason yet.
    if (reason !== '' && reason !== 'null') output.rawReason ??= reason;
    else if (isWhole) output.rawReason ??= '';
    if (reason === 'error') throw backendError('server', 'The backend failed in the middle of the answer.');
    if (reason === 'insufficient_system_resource')
      throw backendError('overloaded', 'The backend ran out of capacity in the middle.');
    return parts;
  }

  const takeText = (text: string): StreamPart[] => {
    const [output] = outputs as [Output];
    return output.cutter.stopped ? [] : shownParts(output.splitter?.push(text) ?? { thought: '', said: text }, output, 0);
  };

  return {
    isOne: options.outputs === 1,
    takeText,

    take(json) {
      const piece = hasStarted && options.outputs === 1 ? onlyText(json) : undefined;
      if (piece !== undefined) return takeText(piece);
      const complaint = complaintOf(json);
      if (complaint !== undefined) throw failed(complaint);
      const parsed = v.safeParse(chunkSchema, json);
      // For valibot an array is an object without the fields.
      if (!parsed.success || Array.isArray(json)) throw backendError('malformed', 'The backend sent a chunk that is none.');
      const { model, choices, usage: wireUsage, x_groq } = parsed.output;
      const told = wireUsage ?? x_groq?.usage;
      if (told != null) usage = toUsage(told, options.usage);
      const parts: StreamPart[] = [];
      if (!hasStarted && (model || choices?.length)) {
        hasStarted = true;
        parts.push({ type: 'start', model: model || options.model, warnings: options.warnings });
      }
      parts.push(...(choices ?? []).flatMap(takeChoice));
      return parts;
    },
    end() {
      if (!hasStarted || !outputs.every(hasEnded)) throw backendError('interrupted', 'The answer broke off.');
      return [
        ...outputs.flatMap((output, number) => [...restParts(output, number), ...callParts(output, number)]),
        ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
        ...outputs.map(finishPart),
      ];
    },
    get hasStarted() {
      return hasStarted;
    },
    get isFinished() {
      return hasStarted && outputs.every(hasEnded);
    },
    get isCut() {
      return outputs.every(({ cutter }) => cutter.stopped);
    },
  };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/**
 * The text of a chunk that brings one more piece of it and nothing else, as nearly all do; undefined for every other. The schema takes longer
 * for it than the parsing of its JSON.
 */
export function onlyText(json: unknown): string | undefined {
  if (!isRecord(json) || json.error || json.object === 'error' || !isAbsent(json.usage) || !isAbsent(json.x_groq))
    return undefined;
  const choices: unknown = json.choices;
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined;
  if (!isRecord(choice) || choice.error || !isAbsent(choice.message) || !isAbsent(choice.finish_reason)) return undefined;
  const { index = 0, delta } = choice;
  if (index !== 0 || !isRecord(delta) || typeof delta.content !== 'string') return undefined;
  const isOnly = [delta.refusal, delta.reasoning, delta.reasoning_content, delta.tool_calls].every(isAbsent);
  return isOnly ? delta.content : undefined;
}

const hasEnded = ({ rawReason, cutter }: Output): boolean => rawReason !== undefined || cutter.stopped;

const numbered = (number: number): { output?: number } => (number > 0 ? { output: number } : {});

/** Stop sequences are for what is said: a thought goes past them. */
const shownParts = ({ thought, said }: Split, { cutter }: Output, number: number): StreamPart[] =>
  splitParts({ thought, said: cutter.push(said) }, numbered(number));

const restParts = (output: Output, number: number): StreamPart[] => [
  ...(output.splitter === undefined ? [] : shownParts(output.splitter.end(), output, number)),
  ...splitParts({ thought: '', said: output.cutter.end() }, numbered(number)),
];

function takeMessage(message: WireMessage, output: Output, number: number, isWhole: boolean): StreamPart[] {
  const said = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : (message.content ?? []);
  const thought = said.flatMap((part) => ('thinking' in part ? (part.thinking ?? []) : [])).map((part) => part.text ?? '');
  // Some servers send the same thought under both names.
  const reasoning = message.reasoning_content || message.reasoning || thought.join('');
  const pieces = said.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
  // A refusal is what the model says, in the place of what was asked.
  const text = pieces + (message.refusal ?? '');
  if (reasoning !== '') output.splitter?.leave();
  output.calls.take(message.tool_calls ?? [], isWhole);
  return [
    ...splitParts({ thought: reasoning, said: '' }, numbered(number)),
    ...shownParts(output.splitter?.push(text) ?? { thought: '', said: text }, output, number),
  ];
}

const callParts = ({ calls, cutter }: Output, number: number): StreamPart[] =>
  cutter.stopped ? [] : calls.end().map((call) => ({ type: 'tool-call', ...call, ...numbered(number) }));

const reasons: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'], // Mistral
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
]);

function finishPart({ rawReason, cutter, calls }: Output, number: number): StreamPart {
  if (cutter.stopped) return { type: 'finish', reason: 'stop', ...numbered(number) };
  const raw = rawReason ?? '';
  const known = reasons.get(raw) ?? 'other';
  // Ollama finishes a tool call with `stop`.
  const reason = known === 'stop' && calls.size > 0 ? 'tool-calls' : known;
  return { type: 'finish', reason, ...(raw !== '' && { rawReason: raw }), ...numbered(number) };
}
