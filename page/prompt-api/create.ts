/** What `create()` does after it has found nothing wrong: it finds out who answers, asks the person, tells of progress, opens the session. */

import type { SiteCapabilities } from '../../protocol/page-messages';
import type { PageClient } from '../client';
import { abortedOf, dispatch, later, NativeProgressEvent, NativePromise } from '../realm';
import { request, throwIfAborted } from '../requests';
import { type Answerer, availabilityOf, scopesFor } from './answerer';
import { exception, toException } from './exceptions';
import { createBrand, defineInterface, eventHandler, type Interface, instantiate } from './idl';
import type { CreateOptions, Wishes } from './options';
import { type Checked, startReading } from './prompt';
import type { SessionSettings } from './session';
import { type Memory, readAll } from './turns';

/** Where the model's own is not known. */
const usualWindow = 8192;
/** As much as is shown to a page of a larger one. */
const largestWindow = 131_072;
/** The rest is for the answer, and for what the estimate is wrong by. */
const windowShare = 0.75;

const monitors = createBrand<true>();

const progress = eventHandler('downloadprogress', monitors);

export const CreateMonitor: Interface = defineInterface(
  'CreateMonitor',
  {
    get ondownloadprogress() {
      return progress.get(this);
    },
    set ondownloadprogress(value: unknown) {
      progress.set(this, value);
    },
  },
  { parent: EventTarget },
);

/** Tells of progress, in a task of its own, and returns in a later one. */
export type Monitor = (loaded: number) => Promise<void>;

const nextTask = () => new NativePromise<void>((resolve) => later(resolve));

/** @throws whatever the page's callback throws */
export function startMonitor({ monitor, signal }: CreateOptions): Monitor {
  const self = monitor && instantiate(EventTarget, CreateMonitor);
  if (self) {
    monitors.set(self, true);
    monitor(self);
  }
  return async (loaded) => {
    if (!self) return;
    await nextTask();
    if (signal && abortedOf(signal)) return;
    dispatch(self, new NativeProgressEvent('downloadprogress', { lengthComputable: true, loaded, total: 1 }));
    await nextTask();
  };
}

interface Deps {
  readonly client: PageClient;
  readonly answerer: Answerer;
  readonly hasBeenUsed: () => boolean;
  readonly open: (settings: SessionSettings, memory: Memory) => object;
}

interface Asked {
  /** The options as the page passed them: the browser's own model reads them for itself. */
  readonly given: unknown;
  readonly options: CreateOptions;
  readonly wishes: Wishes;
  readonly initial: readonly Checked[];
  readonly id: string;
  /** Where it was known at once that Oriel answers. */
  readonly monitor: Monitor | undefined;
}

export async function create(asked: Asked, { client, answerer, hasBeenUsed, open }: Deps): Promise<object> {
  const { given, options, wishes, id } = asked;
  const { signal, samplingMode } = options;
  const reading = startReading(asked.initial);
  // Here it is worth a message: whom the person chose meanwhile answers.
  answerer.forget();
  const choice = await answerer.choose(given);
  if (choice.native) return choice.native.create(given);
  throwIfAborted(signal);
  const monitor = asked.monitor ?? startMonitor(options);
  let { site } = choice;
  const availability = availabilityOf(wishes, site);
  if (availability === 'downloadable' && !hasBeenUsed())
    throw exception('NotAllowedError', 'The person has to use the page first.');
  if (availability !== 'unavailable') await monitor(0);
  if (availability === 'downloadable') {
    const call = { type: 'connect', scopes: scopesFor(wishes), session: id } as const;
    site = await request<SiteCapabilities>(client, call, { signal, toError: toException });
    answerer.learn(site);
  }
  if (availabilityOf(wishes, site) === 'unavailable')
    throw exception('NotSupportedError', 'No model here can do all of this, or take the name of a tool.');
  await monitor(1);
  const known = site.state === 'allowed' ? site.model.contextTokens : undefined;
  const window = Math.min(known ?? usualWindow, largestWindow) * windowShare;
  const memory: Memory = { fixed: await readAll(reading, signal), turns: [] };
  return open({ id, accepts: wishes.inputs, samplingMode, tools: wishes.tools, window }, memory);
}
