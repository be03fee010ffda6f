/**
 * The class `LanguageModel` of the Prompt API, with its neighbours, in the platform's shape (page-api/prompt-api.md). Whatever answers,
 * this is what a page holds; sessions of the browser's own model stay the browser's.
 */

import type { SiteCapabilities } from '../../protocol/page-messages';
import type { Wish } from '../../protocol/scopes';
import { tokensOfText } from '../../protocol/token-estimate';
import type { PageClient } from '../client';
import {
  abort,
  abortedOf,
  dispatch,
  later,
  NativeAbortController,
  NativeEvent,
  NativeProgressEvent,
  NativePromise,
  NativeReadableStream,
  NativeTypeError,
  parse,
  signalOf,
  smaller,
  stringify,
  tagOf,
  uncurry,
  whenSettled,
} from '../realm';
import { follow, throwIfAborted } from './aborting';
import { type Answerer, availabilityOf, scopesFor } from './answerer';
import { exception, toException } from './exceptions';
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
  promiseMethod,
  toDictionary,
  toObject,
} from './idl';
import {
  type CreateOptions,
  checkAllTools,
  checkExpected,
  toCoreOptions,
  toCreateOptions,
  toSignal,
  type Wishes,
} from './options';
import { type Checked, checkPrompt, startReading, type Turn, toPrompt } from './prompt';
import {
  argumentsOf,
  type Constraint,
  createSession,
  type Memory,
  readAll,
  type Session,
  sum,
  type ToolCallPart,
} from './session';
import { ToolCall, toolInterfaces } from './tools';

/** What the class needs to know of its document. */
export interface PageDocument {
  /** Fully active: shown in a frame that is there. */
  isActive(): boolean;
  /** The site in the address bar lets this frame use language models. */
  isPermitted(): boolean;
  hasBeenUsed(): boolean;
}

const enqueue = uncurry(ReadableStreamDefaultController.prototype.enqueue);
const close = uncurry(ReadableStreamDefaultController.prototype.close);
const fail = uncurry(ReadableStreamDefaultController.prototype.error);
const sourceOf = uncurry(Object.getOwnPropertyDescriptor(RegExp.prototype, 'source')?.get as () => string);
const flagsOf = uncurry(Object.getOwnPropertyDescriptor(RegExp.prototype, 'flags')?.get as () => string);

/** Where the model's own is not known. */
const usualWindow = 8192;
/** As much as is shown to a page of a larger one. */
const largestWindow = 131_072;
/** The rest is for the answer, and for what the estimate is wrong by. */
const windowShare = 0.75;

export function createLanguageModel(
  client: PageClient,
  answerer: Answerer,
  page: PageDocument,
): Readonly<Record<string, Interface>> & { readonly LanguageModel: Interface } {
  const sessions = createBrand<Session>();
  const monitors = createBrand<true>();
  let count = 0;

  const requireActive = () => {
    if (!page.isActive()) throw exception('InvalidStateError', 'The document is not active.');
  };

  const begin = ({ signal: killed }: Session, signal: AbortSignal | undefined) => {
    requireActive();
    throwIfAborted(killed);
    throwIfAborted(signal);
  };

  const ready = (session: Session, input: ReturnType<typeof toPrompt>): readonly Turn[] =>
    startReading(checkPrompt(input, session.settings.accepts, session.isBegun()));

  const open = (id: string, settings: Session['settings'], memory: Memory): EventTarget => {
    const self = instantiate(EventTarget, LanguageModel);
    const tell = () => dispatch(self, new NativeEvent('contextoverflow'));
    sessions.set(self, createSession(client, id, settings, memory, tell));
    return self;
  };

  const newId = () => {
    count += 1;
    return `${count}`;
  };

  /** Asks the person, where the site may not do all of it yet. */
  const connect = (scopes: readonly Wish[], session: string, signal: AbortSignal | undefined): Promise<SiteCapabilities> =>
    new NativePromise((resolve, reject) => {
      const cancel = client.start(
        { type: 'connect', scopes, session },
        {
          onEnd(value) {
            leave();
            resolve(value as SiteCapabilities);
          },
          onError(error) {
            leave();
            reject(toException(error));
          },
        },
      );
      const leave = follow(signal, (reason) => {
        cancel();
        reject(reason);
      });
    });

  /** @returns how it is told of progress, each time in a task of its own */
  const startMonitor = ({ monitor, signal }: CreateOptions): ((loaded: number) => Promise<void>) => {
    if (!monitor) return () => resolved(undefined);
    const self = instantiate(EventTarget, CreateMonitor);
    monitors.set(self, true);
    monitor(self);
    return async (loaded) => {
      await nextTask();
      if (!signal || !abortedOf(signal))
        dispatch(self, new NativeProgressEvent('downloadprogress', { lengthComputable: true, loaded, total: 1 }));
      await nextTask();
    };
  };

  const create = async (
    given: unknown,
    options: CreateOptions,
    { tools, ...wishes }: Wishes,
    initial: readonly Checked[],
    begun: ReturnType<typeof startMonitor> | undefined,
  ): Promise<object> => {
    const { signal, samplingMode } = options;
    // Here it is worth a message: whom the person chose meanwhile answers.
    answerer.forget();
    const choice = await answerer.choose(given);
    if (choice.native) return choice.native.create(given);
    throwIfAborted(signal);
    const progress = begun ?? startMonitor(options);
    const reading = startReading(initial);
    let { site } = choice;
    const id = newId();
    const availability = availabilityOf(wishes, tools.length > 0, site);
    if (availability === 'downloadable' && !page.hasBeenUsed())
      throw exception('NotAllowedError', 'The person has to use the page first.');
    if (availability !== 'unavailable') await progress(0);
    if (availability === 'downloadable') {
      site = await connect(scopesFor(wishes.inputs, tools.length > 0), id, signal);
      answerer.learn(site);
    }
    if (availabilityOf(wishes, false, site) === 'unavailable')
      throw exception('NotSupportedError', 'No model here can do all of this.');
    await progress(1);
    const known = site.state === 'allowed' ? site.model.contextTokens : undefined;
    const whole = known ?? usualWindow;
    const window = smaller(whole, largestWindow) * windowShare;
    const memory: Memory = { fixed: await readAll(reading, signal), turns: [] };
    throwIfAborted(signal);
    const self = open(id, { accepts: wishes.inputs, samplingMode, tools, window }, memory);
    follow(signal, sessions.of(self).destroy);
    return self;
  };

  const CreateMonitor = defineInterface('CreateMonitor', {
    parent: EventTarget,
    members: { ondownloadprogress: eventHandler('downloadprogress', monitors) },
  });

  const LanguageModel = defineInterface('LanguageModel', {
    parent: EventTarget,
    statics: {
      create: promiseMethod('create', 0, (_self, [given]) => {
        const options = toCreateOptions(given);
        requireActive();
        const expected = checkExpected(options);
        const initial = checkPrompt(options.initialPrompts, expected.inputs, false);
        const wishes = { ...expected, tools: checkAllTools(options, expected.outputs) };
        throwIfAborted(options.signal);
        if (!page.isPermitted()) throw exception('NotAllowedError', 'This frame may not use language models.');
        const monitor = answerer.isOriel ? startMonitor(options) : undefined;
        return new NativePromise((resolve, reject) => {
          const leave = follow(options.signal, reject);
          const made = create(given, options, wishes, initial, monitor);
          whenSettled(
            made,
            (self) => {
              leave();
              resolve(self);
            },
            (error) => {
              leave();
              reject(error);
            },
          );
        });
      }),

      availability: promiseMethod('availability', 0, (_self, [given]) => {
        const options = toCoreOptions(given);
        requireActive();
        const expected = checkExpected(options);
        const hasTools = checkAllTools(options, expected.outputs).length > 0;
        if (!page.isPermitted()) return resolved('unavailable');
        if (answerer.site) return resolved(availabilityOf(expected, hasTools, answerer.site));
        const ask = async () => {
          const choice = await answerer.choose(given);
          return choice.native ? choice.native.availability(given) : availabilityOf(expected, hasTools, choice.site);
        };
        return ask();
      }),
    },
    members: {
      prompt: promiseMethod('prompt', 1, (self, [given, how]) => {
        const session = sessions.of(self);
        const input = toPrompt(given);
        const { signal, ...options } = toPromptOptions(how);
        begin(session, signal);
        const constraint = toConstraint(options);
        const reply = session.prompt(ready(session, input), constraint, signal);
        return new NativePromise((resolve, reject) => {
          whenSettled(reply, ({ text, calls }) => resolve(calls.length > 0 ? itemsOf(text, calls) : text), reject);
        });
      }),

      promptStreaming: method('promptStreaming', 1, (self, [given, how]) => {
        const session = sessions.of(self);
        const input = toPrompt(given);
        const { signal, ...options } = toPromptOptions(how);
        begin(session, signal);
        const stopping = new NativeAbortController();
        let controller!: ReadableStreamDefaultController<unknown>;
        const stream = new NativeReadableStream<unknown>({
          start(given) {
            controller = given;
          },
          cancel: (reason) => abort(stopping, reason),
        });
        const leave = follow(signal, (reason) => abort(stopping, reason));
        const onError = (error: unknown) => {
          leave();
          fail(controller, error);
        };
        try {
          const constraint = toConstraint(options);
          const reply = session.prompt(ready(session, input), constraint, signalOf(stopping), (part) =>
            enqueue(controller, part.type === 'text' ? part.text : toCall(part)),
          );
          whenSettled(
            reply,
            () => {
              leave();
              close(controller);
            },
            onError,
          );
        } catch (error) {
          onError(error);
        }
        return stream;
      }),

      append: promiseMethod('append', 1, (self, [given, how]) => {
        const session = sessions.of(self);
        const input = toPrompt(given);
        const signal = optional(toDictionary(how).signal, toSignal);
        begin(session, signal);
        return session.append(ready(session, input), signal);
      }),

      measureContextUsage: promiseMethod('measureContextUsage', 1, (self, [given, how]) => {
        const session = sessions.of(self);
        const input = toPrompt(given);
        const { signal, ...options } = toPromptOptions(how);
        begin(session, signal);
        const checked = checkPrompt(input, session.settings.accepts, false);
        return resolved(sum(checked) + (toConstraint(options)?.tokens ?? 0));
      }),

      contextUsage: attribute('contextUsage', (self) => sessions.of(self).usage()),
      contextWindow: attribute('contextWindow', (self) => sessions.of(self).settings.window),
      oncontextoverflow: eventHandler('contextoverflow', sessions),
      samplingMode: attribute('samplingMode', (self) => sessions.of(self).settings.samplingMode),

      clone: promiseMethod('clone', 0, (self, [how]) => {
        const session = sessions.of(self);
        begin(session, optional(toDictionary(how).signal, toSignal));
        return resolved(open(newId(), session.settings, session.memory()));
      }),

      destroy: method('destroy', 0, (self) =>
        sessions.of(self).destroy(exception('InvalidStateError', 'The session has been destroyed.')),
      ),
    },
  });

  return { LanguageModel, CreateMonitor, ...toolInterfaces };
}

const resolved = <Value>(value: Value): Promise<Value> => new NativePromise((resolve) => resolve(value));
const nextTask = () => new NativePromise<void>((resolve) => later(resolve));

interface PromptOptions {
  readonly isConstraintOmitted: boolean;
  readonly constraint: Dictionary | undefined;
  readonly signal: AbortSignal | undefined;
}

function toPromptOptions(value: unknown): PromptOptions {
  const options = toDictionary(value);
  const isConstraintOmitted = !!options.omitResponseConstraintInput;
  const constraint = optional(options.responseConstraint, toObject);
  return { isConstraintOmitted, constraint, signal: optional(options.signal, toSignal) };
}

/** @throws TypeError, NotSupportedError. What a schema means is read where the answer is checked: in the background */
function toConstraint({ constraint, isConstraintOmitted }: Omit<PromptOptions, 'signal'>): Constraint | undefined {
  if (!constraint) {
    if (isConstraintOmitted) throw new NativeTypeError('There is no responseConstraint that could be omitted.');
    return undefined;
  }
  if (tagOf(constraint) === '[object RegExp]') {
    const source = sourceOf(constraint);
    return {
      format: { type: 'regexp', source, flags: flagsOf(constraint) },
      tokens: isConstraintOmitted ? 0 : tokensOfText(source),
    };
  }
  try {
    const text = stringify(constraint);
    return { format: { type: 'json-schema', schema: parse(text) }, tokens: isConstraintOmitted ? 0 : tokensOfText(text) };
  } catch {
    throw exception('NotSupportedError', 'A responseConstraint is a RegExp or a JSON Schema.');
  }
}

const toCall = (part: ToolCallPart) => ({
  type: 'tool-call',
  value: new ToolCall({ callID: part.id, name: part.name, arguments: argumentsOf(part) }),
});

function itemsOf(text: string, calls: readonly ToolCallPart[]): object[] {
  const items: object[] = [];
  if (text) items[0] = { type: 'text', value: text };
  for (let index = 0; index < calls.length; index += 1) items[items.length] = toCall(calls[index] as ToolCallPart);
  return items;
}
