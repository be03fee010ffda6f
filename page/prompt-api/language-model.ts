/**
 * The class `LanguageModel` of the Prompt API, with its neighbours, in the platform's shape (page-api/prompt-api.md). Whatever answers,
 * this is what a page holds; sessions of the browser's own model stay the browser's.
 */

import { tokensOfText } from '../../protocol/token-estimate';
import type { PageClient } from '../client';
import { each, joined, mapped } from '../lists';
import {
  assign,
  chain,
  defineProperties,
  dispatch,
  getter,
  later,
  NativeEvent,
  NativePromise,
  NativeTypeError,
  parse,
  resolved,
  stringify,
  tagOf,
} from '../realm';
import { follow, streamed, throwIfAborted } from '../requests';
import { type Answerer, type Availability, availabilityOf } from './answerer';
import { CreateMonitor, create as createModel, startMonitor } from './create';
import { exception } from './exceptions';
import {
  createBrand,
  type Dictionary,
  defineInterface,
  eventHandler,
  type Interface,
  instantiate,
  optional,
  promised,
  requireArguments,
  toDictionary,
  toObject,
} from './idl';
import { checkExpected, checkWishes, toCoreOptions, toCreateOptions, toSignal } from './options';
import { checkPrompt, startReading, toPrompt } from './prompt';
import { type Constraint, createSession, type Session, type SessionSettings } from './session';
import { argumentsOf, type ToolCallPart } from './tool-calls';
import { ToolCall, toolInterfaces } from './tools';
import { type Memory, type Reply, sizeOf } from './turns';

/** What the class needs to know of its document. */
export interface PageDocument {
  /** Fully active: shown in a frame that is there. */
  isActive(): boolean;
  /** The site in the address bar lets this frame use language models. */
  isPermitted(): boolean;
  hasBeenUsed(): boolean;
}

const sourceOf = getter(RegExp.prototype, 'source') as (expression: unknown) => string;
const flagsOf = getter(RegExp.prototype, 'flags') as (expression: unknown) => string;

export function createLanguageModel(
  client: PageClient,
  answerer: Answerer,
  page: PageDocument,
): Readonly<Record<string, Interface>> & { readonly LanguageModel: Interface } {
  const sessions = createBrand<Session>();
  let count = 0;

  const requireActive = () => {
    if (!page.isActive()) throw exception('InvalidStateError', 'The document is not active.');
  };

  const newId = () => {
    count += 1;
    return `${count}`;
  };

  const open = (settings: SessionSettings, memory: Memory): EventTarget => {
    const self = instantiate(EventTarget, LanguageModel);
    const tell = () => dispatch(self, new NativeEvent('contextoverflow'));
    sessions.set(self, createSession(client, settings, memory, tell));
    return self;
  };

  /** What every operation on a session does first, in this order. */
  const begin = (self: object, how: unknown) => {
    const session = sessions.of(self);
    const options = toPromptOptions(how);
    requireActive();
    throwIfAborted(session.signal);
    throwIfAborted(options.signal);
    return { session, signal: options.signal, options };
  };

  const prompted = (self: object, given: unknown, how: unknown) => {
    // An illegal receiver comes before anything is read of what was passed.
    sessions.of(self);
    const input = toPrompt(given);
    const begun = begin(self, how);
    const { accepts } = begun.session.settings;
    return {
      ...begun,
      /** Later than what must be thrown at once. */
      check: (isBegun: boolean) => checkPrompt(input, accepts, isBegun),
      turns: () => startReading(checkPrompt(input, accepts, begun.session.isBegun())),
    };
  };

  const create = (given: unknown): Promise<object> => {
    const options = toCreateOptions(given);
    requireActive();
    const expected = checkExpected(options);
    const initial = checkPrompt(options.initialPrompts, expected.inputs, false);
    const wishes = checkWishes(expected, options);
    throwIfAborted(options.signal);
    if (!page.isPermitted()) throw exception('NotAllowedError', 'This frame may not use language models.');
    const monitor = answerer.isOriel ? startMonitor(options) : undefined;
    const { hasBeenUsed } = page;
    const asked = { given, options, wishes, initial, monitor, id: newId() };
    return new NativePromise<object>((resolve, reject) => {
      let session: Session | undefined;
      // From the moment on in which there is one, the signal destroys the session.
      const leave = follow(options.signal, (reason) => (session ? session.destroy : reject)(reason));
      chain(
        createModel(asked, { client, answerer, hasBeenUsed, open }),
        (self) => {
          session = sessions.get(self);
          resolve(self);
        },
        (error) => {
          leave();
          reject(error);
        },
      );
    });
  };

  const availability = (given: unknown): Promise<Availability> => {
    const options = toCoreOptions(given);
    requireActive();
    const wishes = checkWishes(checkExpected(options), options);
    if (!page.isPermitted()) return resolved('unavailable');
    if (answerer.site) return resolved(availabilityOf(wishes, answerer.site));
    const ask = async () => {
      const choice = await answerer.choose(given);
      return choice.native ? choice.native.availability(given) : availabilityOf(wishes, choice.site);
    };
    return ask();
  };

  const prompt = (self: object, given: unknown, how: unknown) => {
    const { session, signal, options, turns } = prompted(self, given, how);
    const constraint = toConstraint(options);
    const reply = session.prompt(turns(), constraint, signal);
    return new NativePromise((resolve, reject) => {
      chain(reply, (answer) => resolve(answer.calls.length > 0 ? toItems(answer) : answer.text), reject);
    });
  };

  const promptStreaming = (self: object, given: unknown, how: unknown) => {
    const { session, signal, options, turns } = prompted(self, given, how);
    return streamed<unknown>(signal, (push, stop) =>
      session.prompt(turns(), toConstraint(options), stop, (part) => push(typeof part === 'string' ? part : toCall(part))),
    );
  };

  const append = (self: object, given: unknown, how: unknown) => {
    const { session, signal, turns } = prompted(self, given, how);
    return session.append(turns(), signal);
  };

  const measure = (self: object, given: unknown, how: unknown) => {
    const { options, check } = prompted(self, given, how);
    return resolved(sizeOf(check(false)) + (toConstraint(options)?.tokens ?? 0));
  };

  const clone = (self: object, how: unknown) => {
    const { session, signal } = begin(self, how);
    const memory = session.memory();
    return new NativePromise((resolve, reject) => {
      const following = mapped([session.signal, signal], (one) => follow(one, reject));
      // In a task of its own, so that it can still be aborted.
      later(() => {
        each(following, (leave) => leave());
        resolve(open({ ...session.settings, id: newId() }, memory));
      });
    });
  };

  const overflow = eventHandler('contextoverflow', sessions);
  const members = {
    prompt(...args: unknown[]) {
      return promised(args, 1, () => prompt(this, args[0], args[1]));
    },
    promptStreaming(...args: unknown[]) {
      requireArguments(args, 1);
      return promptStreaming(this, args[0], args[1]);
    },
    append(...args: unknown[]) {
      return promised(args, 1, () => append(this, args[0], args[1]));
    },
    measureContextUsage(...args: unknown[]) {
      return promised(args, 1, () => measure(this, args[0], args[1]));
    },
    get contextUsage() {
      return sessions.of(this).usage();
    },
    get contextWindow() {
      return sessions.of(this).settings.window;
    },
    get oncontextoverflow() {
      return overflow.get(this);
    },
    set oncontextoverflow(value: unknown) {
      overflow.set(this, value);
    },
    get samplingMode() {
      return sessions.of(this).settings.samplingMode;
    },
    clone(...args: unknown[]) {
      return promised(args, 0, () => clone(this, args[0]));
    },
    destroy() {
      sessions.of(this).destroy(exception('InvalidStateError', 'The session has been destroyed.'));
    },
  };
  each([members.prompt, members.promptStreaming, members.append, members.measureContextUsage], (taking) =>
    defineProperties(taking, { length: { value: 1 } }),
  );
  const LanguageModel = defineInterface('LanguageModel', members, {
    parent: EventTarget,
    statics: {
      create: (...args: unknown[]) => promised(args, 0, () => create(args[0])),
      availability: (...args: unknown[]) => promised(args, 0, () => availability(args[0])),
    },
  });

  return assign({ LanguageModel, CreateMonitor }, toolInterfaces);
}

interface PromptOptions {
  readonly isUntold: boolean;
  readonly constraint: Dictionary | undefined;
  readonly signal: AbortSignal | undefined;
}

function toPromptOptions(value: unknown): PromptOptions {
  const options = toDictionary(value);
  const isUntold = !!options.omitResponseConstraintInput;
  const constraint = optional(options.responseConstraint, toObject);
  return { isUntold, constraint, signal: optional(options.signal, toSignal) };
}

/** @throws TypeError, NotSupportedError. What a schema means is read where the answer is checked: in the background */
function toConstraint({ constraint, isUntold }: Omit<PromptOptions, 'signal'>): Constraint | undefined {
  if (!constraint) {
    if (isUntold) throw new NativeTypeError('No responseConstraint to omit.');
    return undefined;
  }
  if (tagOf(constraint) === '[object RegExp]') {
    const source = sourceOf(constraint);
    return {
      format: { type: 'regexp', source, flags: flagsOf(constraint), isUntold },
      tokens: isUntold ? 0 : tokensOfText(source),
    };
  }
  try {
    const text = stringify(constraint);
    return { format: { type: 'json-schema', schema: parse(text), isUntold }, tokens: isUntold ? 0 : tokensOfText(text) };
  } catch {
    throw exception('NotSupportedError', 'A responseConstraint is a RegExp or a JSON Schema.');
  }
}

const toCall = (part: ToolCallPart) => ({
  type: 'tool-call',
  value: new ToolCall({ callID: part.id, name: part.name, arguments: argumentsOf(part) }),
});

const toItems = ({ text, calls }: Reply) => joined<object>(text ? [{ type: 'text', value: text }] : [], mapped(calls, toCall));
