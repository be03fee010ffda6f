/**
 * The class `LanguageModel` of the Prompt API, with its neighbours, in the platform's shape (page-api/prompt-api.md). Whatever answers,
 * this is what a page holds; sessions of the browser's own model stay the browser's.
 */

import { tokensOfText } from '../../protocol/token-estimate';
import type { PageClient } from '../client';
import { each, joined, mapped } from '../lists';
import {
  chain,
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
import { type Answerer, availabilityOf } from './answerer';
import { CreateMonitor, create, startMonitor } from './create';
import { exception } from './exceptions';
import {
  attribute,
  createBrand,
  type Dictionary,
  defineInterface,
  eventHandler,
  type Interface,
  instantiate,
  method,
  optional,
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

  const LanguageModel = defineInterface('LanguageModel', {
    parent: EventTarget,
    statics: {
      create: method(0, (_self, given) => {
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
            create(asked, { client, answerer, hasBeenUsed, open }),
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
      }),

      availability: method(0, (_self, given) => {
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
      }),
    },
    members: {
      prompt: method(1, (self, given, how) => {
        const { session, signal, options, turns } = prompted(self, given, how);
        const constraint = toConstraint(options);
        const reply = session.prompt(turns(), constraint, signal);
        return new NativePromise((resolve, reject) => {
          chain(reply, (answer) => resolve(answer.calls.length > 0 ? toItems(answer) : answer.text), reject);
        });
      }),

      promptStreaming: method(
        1,
        (self, given, how) => {
          const { session, signal, options, turns } = prompted(self, given, how);
          return streamed<unknown>(signal, (push, stop) =>
            session.prompt(turns(), toConstraint(options), stop, (part) => push(typeof part === 'string' ? part : toCall(part))),
          );
        },
        false,
      ),

      append: method(1, (self, given, how) => {
        const { session, signal, turns } = prompted(self, given, how);
        return session.append(turns(), signal);
      }),

      measureContextUsage: method(1, (self, given, how) => {
        const { options, check } = prompted(self, given, how);
        return resolved(sizeOf(check(false)) + (toConstraint(options)?.tokens ?? 0));
      }),

      contextUsage: attribute((self) => sessions.of(self).usage()),
      contextWindow: attribute((self) => sessions.of(self).settings.window),
      oncontextoverflow: eventHandler('contextoverflow', sessions),
      samplingMode: attribute((self) => sessions.of(self).settings.samplingMode),

      clone: method(0, (self, how) => {
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
      }),

      destroy: method(
        0,
        (self) => sessions.of(self).destroy(exception('InvalidStateError', 'The session has been destroyed.')),
        false,
      ),
    },
  });

  return { LanguageModel, CreateMonitor, ...toolInterfaces };
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
