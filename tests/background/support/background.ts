/** The whole background on a browser and a network in memory, spoken to over its ports like everybody does. */
import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { IDBFactory } from 'fake-indexeddb';
import type { Sender } from '../../../background/browser-api';
import { Database } from '../../../background/database';
import type { OnDemand } from '../../../background/on-demand';
import { startBackground } from '../../../background/start';
import { createCaller } from '../../../protocol/channel';
import type { ApprovalView, Decision, Overview, UiCall, UiEvent, UiOperation, UiOperations } from '../../../protocol/ui-messages';
import type { FakePort } from '../../protocol/support/ports';
import { createWire, type Wire } from '../../protocol/support/wire';
import { createArea } from './area';
import { type Backend, createBackend } from './backend';
import { createFakeBrowser, type FakeBrowser } from './browser';
import { createStore } from './device';
import { eventually } from './eventually';
import { onDemandWith } from './on-demand';
import { senderOf, uiSender } from './pages';

export interface Screen {
  readonly overviews: readonly Overview[];
  call<Operation extends UiOperation>(
    type: Operation,
    input: UiOperations[Operation]['input'],
  ): Promise<UiOperations[Operation]['output']>;
}

export interface Background {
  browser: FakeBrowser;
  readonly backend: Backend;
  readonly store: ReturnType<typeof createStore>;
  readonly database: Database;
  now: number;
  page(sender?: Sender): Wire & { readonly port: FakePort };
  screen(): Screen;
  /** Adds an OpenAI-compatible server, which becomes the active connection. */
  connect(): Promise<UiOperations['connection-add']['output']>;
  /** The first card, once there is one. */
  card(): Promise<ApprovalView>;
  decide(decision: Decision): Promise<void>;
  /** The background dies with its ports, and another one starts on the same session and database. */
  restart(): void;
}

interface BackgroundOptions {
  /** In place of the backend in memory. */
  readonly fetch?: typeof globalThis.fetch;
  readonly openSocket?: (url: string) => WebSocket;
  /** What is loaded on demand, made of the parts as they are. */
  readonly onDemand?: (parts: OnDemand) => OnDemand;
}

export const serverAddress = 'http://127.0.0.1:8080';
export const serverKey = 'sk-CANARY-0123456789';

export function createBackground({ fetch, openSocket, onDemand = (parts) => parts }: BackgroundOptions = {}): Background {
  // Each test has a database of its own under the one name.
  Dexie.dependencies.indexedDB = new IDBFactory();
  const backend = createBackend();
  const store = createStore();
  const ports: FakePort[] = [];

  const start = () => {
    startBackground({
      browser: background.browser,
      fetch: fetch ?? backend.fetch,
      indexedDB: Dexie.dependencies.indexedDB,
      onDemand: onDemand(onDemandWith(store, openSocket)),
      now: () => background.now,
    });
  };

  const connectPort = (sender: Sender) => {
    const port = background.browser.connect(sender);
    ports.push(port);
    return port;
  };

  const screen = (): Screen => {
    const overviews: Overview[] = [];
    const caller = createCaller<UiCall, UiEvent>(connectPort(uiSender()), {
      onEvent: ({ overview }) => overviews.push(overview),
    });
    return {
      overviews,
      async call(type, input) {
        const value = await caller.call({ type, input } as UiCall);
        return value as UiOperations[typeof type]['output'];
      },
    };
  };

  const background: Background = {
    browser: createFakeBrowser(createArea()),
    backend,
    store,
    database: new Database(),
    now: 1_700_000_000_000,
    page(sender = senderOf()) {
      const port = connectPort(sender);
      return { ...createWire(port), port };
    },
    screen,
    connect: () => screen().call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress, key: serverKey }),
    async card() {
      let found: ApprovalView | undefined;
      await eventually(async () => {
        [found] = (await screen().call('overview', {})).approvals;
        if (!found) throw new Error('Nothing waits.');
      });
      return found as ApprovalView;
    },
    async decide(decision) {
      const { id, digest } = await background.card();
      await screen().call('approval-decide', { id, digest, decision });
    },
    restart() {
      // A death takes the ports along, without a word to the background itself.
      background.browser = createFakeBrowser(background.browser.session);
      ports.length = 0;
      start();
    },
  };
  start();
  return background;
}
