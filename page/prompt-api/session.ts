/**
 * One session of the Prompt API: its history, its place in the window, its queue. All of it lives in the page and survives the death of
 * the background, which is told everything anew with each prompt.
 */

import type { GenerateRequest, Message, Part, ResponseFormat, StreamPart } from '../../protocol/generate';
import type { PageClient } from '../client';
import {
  abort,
  createObject,
  isArray,
  NativeAbortController,
  NativePromise,
  parse,
  signalOf,
  stringify,
  whenSettled,
} from '../realm';
import { follow, throwIfAborted } from './aborting';
import { exception, quotaExceeded, toException } from './exceptions';
import type { SamplingMode } from './options';
import { type Accepts, readTurn, type Turn } from './prompt';
import { tokensOfPart } from './tokens';
import type { UsableTool } from './tools';

export interface SessionSettings {
  readonly accepts: Accepts;
  readonly samplingMode: SamplingMode;
  readonly tools: readonly UsableTool[];
  /** In tokens of our own estimate. */
  readonly window: number;
}

/** A turn whose media are read. */
interface ReadTurn {
  readonly role: Turn['role'];
  readonly messages: readonly Message[];
  readonly tokens: number;
}

/** What a session remembers. */
export interface Memory {
  /** The initial prompts, and a system prompt that came later: never evicted. */
  readonly fixed: readonly ReadTurn[];
  readonly turns: readonly ReadTurn[];
}

/** How an answer has to look. `tokens` are those of telling the model. */
export interface Constraint {
  readonly format: ResponseFormat;
  readonly tokens: number;
}

export type ToolCallPart = Extract<Part, { type: 'tool-call' }>;
interface Reply {
  readonly text: string;
  readonly calls: readonly ToolCallPart[];
}
/** Called with what arrives, in order. */
export type OnPart = (part: { readonly type: 'text'; readonly text: string } | ToolCallPart) => void;

export interface Session {
  readonly settings: SessionSettings;
  /** Something was said, or waits to be. */
  isBegun(): boolean;
  usage(): number;
  /** Aborted when the session is destroyed. */
  readonly signal: AbortSignal;
  prompt(
    turns: readonly Turn[],
    constraint: Constraint | undefined,
    signal: AbortSignal | undefined,
    onPart?: OnPart,
  ): Promise<Reply>;
  append(turns: readonly Turn[], signal: AbortSignal | undefined): Promise<void>;
  memory(): Memory;
  destroy(reason: unknown): void;
}

const temperatures: Readonly<Record<SamplingMode, number | undefined>> = {
  'most-predictable': 0,
  predictable: 0.3,
  'slightly-predictable': 0.6,
  balanced: undefined,
  'slightly-creative': 1.1,
  creative: 1.3,
  'most-creative': 1.5,
};

/** Rounds of tools that call for more tools. */
const mostRounds = 32;

/** @throws QuotaExceededError where the fixed turns alone are too large */
export function createSession(
  client: PageClient,
  id: string,
  settings: SessionSettings,
  { fixed, turns }: Memory,
  onOverflow: () => void,
): Session {
  const { window, tools } = settings;
  let kept = fixed;
  let history = turns;
  let used = sum(kept) + sum(history);
  let open = 0;
  let last: Promise<void> = new NativePromise((resolve) => resolve());
  const kill = new NativeAbortController();
  if (used > window) throw quotaExceeded(used, window);

  /** One operation at a time, in the order in which they were begun. */
  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const before = last;
    let leave!: () => void;
    last = new NativePromise((resolve) => {
      leave = resolve;
    });
    open += 1;
    try {
      await before;
      return await work();
    } finally {
      open -= 1;
      leave();
    }
  };

  /** Rejects at once when it is aborted; what it is in the middle of ends by itself. */
  const operate = <Result>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> =>
    new NativePromise((resolve, reject) => {
      const stopping = new NativeAbortController();
      const stop = signalOf(stopping);
      const onAbort = (reason: unknown) => {
        reject(reason);
        abort(stopping, reason);
      };
      const leaveSession = follow(signalOf(kill), onAbort);
      const leaveSignal = follow(signal, onAbort);
      const settled = () => {
        leaveSession();
        leaveSignal();
      };
      whenSettled(
        inTurn(() => work(stop)),
        (result) => {
          settled();
          resolve(result);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });

  /** Drops the oldest turns with what answered them, where that makes room, and tells. */
  const makeRoom = (tokens: number) => {
    if (used + tokens <= window) return;
    if (sum(kept) + tokens > window) throw quotaExceeded(tokens, window);
    drop(tokens);
  };

  const drop = (tokens: number) => {
    let first = 0;
    while (used + tokens > window && first < history.length) {
      do {
        used -= history[first]?.tokens ?? 0;
        first += 1;
      } while (first < history.length && history[first]?.role !== 'user');
    }
    history = joined(history, [], first);
    onOverflow();
  };

  const commit = (fresh: readonly ReadTurn[]) => {
    for (let index = 0; index < fresh.length; index += 1) {
      const turn = fresh[index] as ReadTurn;
      if (turn.role === 'system') kept = joined(kept, [turn]);
      else history = joined(history, [turn]);
    }
    used = sum(kept) + sum(history);
    if (used > window) drop(0);
  };

  const requestFor = (fresh: readonly ReadTurn[], constraint: Constraint | undefined): GenerateRequest => {
    const temperature = temperatures[settings.samplingMode];
    return {
      messages: messagesOf(kept, history, fresh),
      ...(temperature !== undefined && { temperature }),
      ...(tools.length > 0 && { tools: declared(tools) }),
      ...(constraint && { responseFormat: constraint.format }),
    };
  };

  const ask = (request: GenerateRequest, tokens: number, stop: AbortSignal, onPart: OnPart | undefined): Promise<Reply> =>
    new NativePromise((resolve, reject) => {
      let text = '';
      const calls: ToolCallPart[] = [];
      let isFiltered = false;
      const take = (part: StreamPart) => {
        if (part.type === 'finish') isFiltered = part.reason === 'content-filter';
        if (part.type === 'text-delta' && part.text) {
          text += part.text;
          onPart?.({ type: 'text', text: part.text });
        }
        if (part.type !== 'tool-call') return;
        calls[calls.length] = { type: 'tool-call', id: newCallId(part.id), name: part.name, arguments: part.arguments || '{}' };
      };
      const cancel = client.start(
        { type: 'generate', request, session: id },
        {
          onPart: take,
          onEnd() {
            leave();
            if (isFiltered) reject(exception('NotReadableError', 'The answer was held back.'));
            else if (!haveArguments(calls)) reject(toException({ code: 'bad-response' }));
            else resolve({ text, calls });
          },
          onError(error) {
            leave();
            const isTooLarge = error.code === 'context-length' || error.code === 'too-large';
            const isUnfit = error.code === 'bad-response' && request.responseFormat;
            if (isTooLarge) reject(quotaExceeded(tokens, window));
            else reject(isUnfit ? exception('SyntaxError', 'The answer does not fit the constraint.') : toException(error));
          },
        },
      );
      const leave = follow(stop, (reason) => {
        cancel();
        reject(reason);
      });
    });

  const callIds: Record<string, true> = createObject(null);
  /** Some backends number their calls anew each time, or not at all. */
  const newCallId = (given: string) => {
    let callId = given || 'call';
    for (let count = 2; callIds[callId]; count += 1) callId = `${given || 'call'}-${count}`;
    callIds[callId] = true;
    return callId;
  };

  const generate = async (
    asked: readonly Turn[],
    constraint: Constraint | undefined,
    stop: AbortSignal,
    onPart: OnPart | undefined,
  ): Promise<Reply> => {
    let fresh = await readAll(asked, stop);
    let size = sum(fresh) + (constraint?.tokens ?? 0);
    for (let round = 0; round < mostRounds; round += 1) {
      makeRoom(size);
      const reply = await ask(requestFor(fresh, constraint), size, stop, onPart);
      throwIfAborted(stop);
      fresh = answered(fresh, reply, asked[asked.length - 1]?.prefix === true && round === 0);
      size = sum(fresh) + (constraint?.tokens ?? 0);
      if (!canCall(tools, reply.calls)) {
        for (let index = 0; index < reply.calls.length; index += 1) onPart?.(reply.calls[index] as ToolCallPart);
        commit(fresh);
        return reply;
      }
      fresh = joined(fresh, [await callAll(tools, reply.calls)]);
      throwIfAborted(stop);
      size = sum(fresh) + (constraint?.tokens ?? 0);
    }
    throw exception('OperationError', 'The model calls tools without an end.');
  };

  return {
    settings,
    signal: signalOf(kill),
    isBegun: () => open + kept.length + history.length > 0,
    usage: () => used,
    prompt: (asked, constraint, signal, onPart) => operate(signal, (stop) => generate(asked, constraint, stop, onPart)),
    append: (asked, signal) =>
      operate(signal, async (stop) => {
        const fresh = await readAll(asked, stop);
        makeRoom(sum(fresh));
        commit(fresh);
      }),
    memory: () => ({ fixed: kept, turns: history }),
    destroy: (reason) => abort(kill, reason),
  };
}

/** @throws whatever the media of the turns throw, or the reason of the abort */
export async function readAll(turns: readonly Turn[], signal: AbortSignal | undefined): Promise<readonly ReadTurn[]> {
  throwIfAborted(signal);
  const all: ReadTurn[] = [];
  for (let index = 0; index < turns.length; index += 1) {
    const turn = turns[index] as Turn;
    all[index] = { role: turn.role, tokens: turn.tokens, messages: await readTurn(turn) };
    throwIfAborted(signal);
  }
  return all;
}

/** Whether there are calls, and the page left each of them to the session. */
function canCall(tools: readonly UsableTool[], calls: readonly ToolCallPart[]): boolean {
  for (let index = 0; index < calls.length; index += 1) if (!executeOf(tools, calls[index] as ToolCallPart)) return false;
  return calls.length > 0;
}

function executeOf(tools: readonly UsableTool[], { name }: ToolCallPart): UsableTool['execute'] {
  for (let index = 0; index < tools.length; index += 1) if (tools[index]?.name === name) return tools[index]?.execute;
  return undefined;
}

/** All at once; what a tool throws is told to the model. */
async function callAll(tools: readonly UsableTool[], calls: readonly ToolCallPart[]): Promise<ReadTurn> {
  const running: Promise<string>[] = [];
  const call = async (one: ToolCallPart) => {
    try {
      return `${await executeOf(tools, one)?.(argumentsOf(one))}`;
    } catch (error) {
      return stringify({ error: `${error}` });
    }
  };
  for (let index = 0; index < calls.length; index += 1) running[index] = call(calls[index] as ToolCallPart);
  const content: Part[] = [];
  for (let index = 0; index < calls.length; index += 1) {
    content[index] = { type: 'tool-result', id: calls[index]?.id ?? '', result: (await running[index]) ?? '' };
  }
  return { role: 'user', messages: [{ role: 'tool', content }], tokens: tokensOf(content) };
}

/** Undefined where the model wrote no JSON; that reaches nobody outside. */
export function argumentsOf({ arguments: text }: ToolCallPart): object | undefined {
  try {
    const value: unknown = parse(text);
    return typeof value === 'object' && value && !isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function haveArguments(calls: readonly ToolCallPart[]): boolean {
  for (let index = 0; index < calls.length; index += 1) if (!argumentsOf(calls[index] as ToolCallPart)) return false;
  return true;
}

/** The reply after its prompt; where that ended in a prefix, the two are one message. */
function answered(turns: readonly ReadTurn[], { text, calls }: Reply, isContinued: boolean): readonly ReadTurn[] {
  const prefix = isContinued ? turns[turns.length - 1] : undefined;
  const before = prefix?.messages[0]?.content ?? [];
  const last = before[before.length - 1];
  const begun = last?.type === 'text' ? last.text : '';
  const parts: Part[] = text || calls.length === 0 ? [{ type: 'text', text: begun + text }] : [];
  const content = joined(joined(begun && parts.length > 0 ? withoutLast(before) : before, parts), calls);
  const turn: ReadTurn = { role: 'assistant', messages: [{ role: 'assistant', content }], tokens: tokensOf(content) };
  return joined(prefix ? withoutLast(turns) : turns, [turn]);
}

function withoutLast<Item>(items: readonly Item[]): Item[] {
  const all: Item[] = [];
  for (let index = 0; index < items.length - 1; index += 1) all[index] = items[index] as Item;
  return all;
}

function tokensOf(parts: readonly Part[]): number {
  let tokens = 0;
  for (let index = 0; index < parts.length; index += 1) tokens += tokensOfPart(parts[index] as Part);
  return tokens;
}

export function sum(turns: readonly { readonly tokens: number }[]): number {
  let tokens = 0;
  for (let index = 0; index < turns.length; index += 1) tokens += turns[index]?.tokens ?? 0;
  return tokens;
}

function declared(tools: readonly UsableTool[]): NonNullable<GenerateRequest['tools']> {
  const all: { name: string; description: string | undefined; parameters: UsableTool['parameters'] }[] = [];
  for (let index = 0; index < tools.length; index += 1) {
    const { name, description, parameters } = tools[index] as UsableTool;
    all[index] = { name, description, parameters };
  }
  return all;
}

/** @param from items of the first list before it are left out */
function joined<Item>(first: readonly Item[], second: readonly Item[], from = 0): Item[] {
  const all: Item[] = [];
  for (let index = from; index < first.length; index += 1) all[all.length] = first[index] as Item;
  for (let index = 0; index < second.length; index += 1) all[all.length] = second[index] as Item;
  return all;
}

function messagesOf(...groups: readonly (readonly ReadTurn[])[]): Message[] {
  const all: Message[] = [];
  for (let group = 0; group < groups.length; group += 1) {
    const turns = groups[group] as readonly ReadTurn[];
    for (let index = 0; index < turns.length; index += 1) {
      const { messages } = turns[index] as ReadTurn;
      for (let place = 0; place < messages.length; place += 1) all[all.length] = messages[place] as Message;
    }
  }
  return all;
}
