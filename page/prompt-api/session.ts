/**
 * One session of the Prompt API: its history, its place in the window, its queue. All of it lives in the page and survives the death of
 * the background, which is told everything anew with each prompt.
 */

import type { ResponseFormat, StreamPart } from '../../protocol/generate';
import type { PageRequest } from '../../protocol/page-messages';
import type { PageClient } from '../client';
import { chosen, each, joined, mapped } from '../lists';
import { abort, chain, createObject, NativeAbortController, NativePromise, signalOf } from '../realm';
import { follow, request, throwIfAborted } from '../requests';
import { exception, quotaExceeded, toException } from './exceptions';
import { type SamplingMode, temperatures } from './options';
import type { Accepts, Turn } from './prompt';
import { areOurs, argumentsOf, callAll, type ToolCallPart } from './tool-calls';
import type { UsableTool } from './tools';
import { answered, type Memory, messagesOf, type ReadTurn, type Reply, readAll, sizeOf, turnOf } from './turns';

export interface SessionSettings {
  /** One in its document: what the person allowed for this session alone goes by it. */
  readonly id: string;
  readonly accepts: Accepts;
  readonly samplingMode: SamplingMode;
  readonly tools: readonly UsableTool[];
  /** In tokens of our own estimate. */
  readonly window: number;
}

/** How an answer has to look. `tokens` are those of telling the model. */
export interface Constraint {
  readonly format: ResponseFormat;
  readonly tokens: number;
}

/** Called with a piece of text or a call that is the page's to make, in order. */
export type OnPart = (part: string | ToolCallPart) => void;

export interface Session {
  readonly settings: SessionSettings;
  /** Aborted when the session is destroyed. */
  readonly signal: AbortSignal;
  /** Something was said, or waits to be. */
  isBegun(): boolean;
  usage(): number;
  prompt(turns: readonly Turn[], how: Constraint | undefined, signal: AbortSignal | undefined, onPart?: OnPart): Promise<Reply>;
  append(turns: readonly Turn[], signal: AbortSignal | undefined): Promise<void>;
  memory(): Memory;
  destroy(reason: unknown): void;
}

/** Rounds of tools that call for more tools. */
const mostRounds = 32;

/** @throws QuotaExceededError where the fixed turns alone are too large */
export function createSession(client: PageClient, settings: SessionSettings, memory: Memory, onOverflow: () => void): Session {
  const { window, tools, id: session } = settings;
  const temperature = temperatures[settings.samplingMode];
  let { fixed, turns } = memory;
  let open = 0;
  let last: Promise<void> | undefined;
  const kill = new NativeAbortController();
  const used = () => sizeOf(fixed) + sizeOf(turns);
  if (used() > window) throw quotaExceeded(used(), window);

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
  const operate = <Result>(signal: AbortSignal | undefined, work: (stop: AbortSignal) => Promise<Result>): Promise<Result> =>
    new NativePromise((resolve, reject) => {
      const stopping = new NativeAbortController();
      const onAbort = (reason: unknown) => {
        reject(reason);
        abort(stopping, reason);
      };
      const following = mapped([signalOf(kill), signal], (one) => follow(one, onAbort));
      const ending =
        <Outcome>(settle: (outcome: Outcome) => void) =>
        (outcome: Outcome) => {
          each(following, (leave) => leave());
          settle(outcome);
        };
      chain(
        inTurn(() => work(signalOf(stopping))),
        ending(resolve),
        ending(reject),
      );
    });

  /** The oldest turn with what answered it. */
  const dropOldest = () => {
    let isReply = true;
    turns = chosen(turns, ({ role }, index) => {
      isReply &&= index === 0 || role !== 'user';
      return !isReply;
    });
  };

  /** Drops the oldest turns, where that makes room, and tells. */
  const makeRoom = (tokens: number) => {
    if (used() + tokens <= window) return;
    if (sizeOf(fixed) + tokens > window) throw quotaExceeded(tokens, window);
    while (used() + tokens > window) dropOldest();
    onOverflow();
  };

  const commit = (fresh: readonly ReadTurn[]) => {
    fixed = joined(
      fixed,
      chosen(fresh, ({ role }) => role === 'system'),
    );
    turns = joined(
      turns,
      chosen(fresh, ({ role }) => role !== 'system'),
    );
    // A reply may be larger than anybody foresaw; then it goes itself.
    if (used() > window) makeRoom(0);
  };

  const callIds: Record<string, true> = createObject(null);
  /** Some backends number their calls anew each time, or not at all. */
  const newCallId = (given: string) => {
    let id = given || 'call';
    for (let count = 2; callIds[id]; count += 1) id = `${given}-${count}`;
    callIds[id] = true;
    return id;
  };

  /** @returns undefined where the backend finds it too long, and less of what was said before may do */
  const ask = async (
    asked: PageRequest,
    size: number,
    signal: AbortSignal,
    onPart: OnPart | undefined,
  ): Promise<Reply | undefined> => {
    let said = '';
    let isTooLarge = false;
    const calls: ToolCallPart[] = [];
    let isFiltered = false;
    const answering = request(
      client,
      { type: 'generate', request: asked, session },
      {
        signal,
        onPart(part: StreamPart) {
          if (part.type === 'finish') isFiltered = part.reason === 'content-filter';
          if (part.type === 'tool-call') {
            const { type, name, arguments: text } = part;
            calls[calls.length] = { type, id: newCallId(part.id), name, arguments: text || '{}' };
          }
          if (part.type !== 'text-delta' || !part.text) return;
          said += part.text;
          onPart?.(part.text);
        },
        toError(error) {
          isTooLarge = error.code === 'context-length' || error.code === 'too-large';
          return isTooLarge ? quotaExceeded(size, window) : toException(error);
        },
      },
    );
    try {
      await answering;
    } catch (error) {
      if (isTooLarge && !said && turns.length > 0) return undefined;
      throw error;
    }
    if (isFiltered) throw exception('NotReadableError', 'The answer was held back.');
    if (chosen(calls, (call) => !argumentsOf(call)).length > 0) throw toException({ code: 'bad-response' });
    return { text: said, calls };
  };

  /**
   * Backends count for themselves, and what fits by our estimate may not fit into the model: then half of what was said before goes at a time.
   * Where even that does not help, nothing is gone.
   */
  const askUntilFits = async (
    toRequest: () => PageRequest,
    size: number,
    signal: AbortSignal,
    onPart: OnPart | undefined,
  ): Promise<Reply> => {
    const before = turns;
    try {
      for (;;) {
        const reply = await ask(toRequest(), size, signal, onPart);
        if (reply && turns !== before) onOverflow();
        if (reply) return reply;
        const half = sizeOf(turns) / 2;
        do dropOldest();
        while (sizeOf(turns) > half);
      }
    } catch (error) {
      turns = before;
      throw error;
    }
  };

  const generate = async (
    asked: readonly Turn[],
    constraint: Constraint | undefined,
    stop: AbortSignal,
    onPart: OnPart | undefined,
  ): Promise<Reply> => {
    let fresh = await readAll(asked, stop);
    for (let round = 0; round < mostRounds; round += 1) {
      const size = sizeOf(fresh) + (constraint?.tokens ?? 0);
      makeRoom(size);
      const toRequest = (): PageRequest => ({
        messages: messagesOf(joined(fixed, turns, fresh)),
        ...(temperature !== undefined && { temperature }),
        ...(tools.length > 0 && { tools: mapped(tools, ({ execute: _, ...tool }) => tool) }),
        ...(constraint && { responseFormat: constraint.format }),
      });
      const reply = await askUntilFits(toRequest, size, stop, onPart);
      throwIfAborted(stop);
      fresh = answered(fresh, reply, round === 0 && asked[asked.length - 1]?.prefix === true);
      if (!areOurs(tools, reply.calls)) {
        if (onPart) each(reply.calls, onPart);
        commit(fresh);
        return reply;
      }
      const content = await callAll(tools, reply.calls);
      throwIfAborted(stop);
      fresh = joined(fresh, [turnOf('user', { role: 'tool', content })]);
    }
    throw exception('OperationError', 'The model calls tools without an end.');
  };

  return {
    settings,
    signal: signalOf(kill),
    isBegun: () => open + fixed.length + turns.length > 0,
    usage: used,
    prompt: (asked, how, signal, onPart) => operate(signal, (stop) => generate(asked, how, stop, onPart)),
    append: (asked, signal) =>
      operate(signal, async (stop) => {
        const fresh = await readAll(asked, stop);
        makeRoom(sizeOf(fresh));
        commit(fresh);
      }),
    memory: () => ({ fixed, turns }),
    destroy: (reason) => abort(kill, reason),
  };
}
