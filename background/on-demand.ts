/**
 * What a wake-up does without at first: the wire formats, the library of the database, what serves Oriel's own pages, and what a person does once in a
 * while. The background starts with a quarter of the code and loads the rest when it is needed first. The parts are plain scripts in both browsers, because a service worker
 * refuses `import()`, and `importScripts` there takes only what was imported already while the worker was being installed (Service Workers,
 * "importScripts(urls)").
 */

import type { DexieConstructor } from 'dexie';
import type { EngineCalls, ModelFiles } from '../protocol/engine';
import type { CreateProvider } from '../providers/create-provider';
import type { OpenSocket } from '../providers/provider';
import type { createActivityLog } from './activity-log';
import type { readBaseUrl } from './address';
import type { answerFormOf } from './answer-form';
import type { readBalance } from './balance';
import type { createCallRecorder } from './call-recorder';
import type { cleanProvider } from './clean-provider';
import type { Database, DatabaseStart } from './database';
import type { formed } from './formed';
import type { createLocalServers } from './local-servers';
import type { answerOpenAi } from './openai/endpoints';
import type { checkedOptions } from './own-headers';
import type { Screens, ScreensDeps } from './screens';
import type { watched } from './sent-bodies';
import type { createSignIn } from './sign-in';
import type { suggestModel } from './suggest-model';
import type { createSuspicion } from './suspicion';
import type { createTransfer } from './transfer';
import type { unlistedModel } from './unlisted-model';
import type { createUsageSums } from './usage-sums';
import type { VaultCopyStore } from './vault-copy';

/** By the names of their scripts, `entrypoints/<name>.ts`. */
export interface Parts {
  readonly backends: {
    readonly openSocket: OpenSocket;
    readonly cleanProvider: typeof cleanProvider;
    readonly createCallRecorder: typeof createCallRecorder;
    readonly createModelFiles: () => ModelFiles;
    readonly createProvider: CreateProvider;
    readonly createSuspicion: typeof createSuspicion;
    readonly readBalance: typeof readBalance;
    readonly suggestModel: typeof suggestModel;
    readonly unlistedModel: typeof unlistedModel;
    readonly watched: typeof watched;
  };
  readonly forms: {
    readonly answerOpenAi: typeof answerOpenAi;
    readonly answerFormOf: typeof answerFormOf;
    readonly formed: typeof formed;
  };
  readonly setup: {
    readonly checkedOptions: typeof checkedOptions;
    readonly createLocalServers: typeof createLocalServers;
    readonly createSignIn: typeof createSignIn;
    readonly createTransfer: typeof createTransfer;
    readonly readBaseUrl: typeof readBaseUrl;
  };
  readonly screens: {
    /** With the model files, which only screens write. */
    readonly createScreens: (deps: ScreensDeps) => Screens;
  };
  /** Dexie and what it is needed for: most that is written, and the books that are kept of a call when it is over. */
  readonly database: {
    readonly Dexie: DexieConstructor;
    readonly createDatabase: (start: DatabaseStart) => Database;
    readonly createVaultCopyStore: () => VaultCopyStore;
    readonly createUsageSums: typeof createUsageSums;
    readonly createActivityLog: typeof createActivityLog;
  };
  /** Where the background is a page: it can start the workers that a model runs in. */
  readonly engine: { readonly createDeviceEngine: () => EngineCalls };
}

/** Each is loaded once; where its script is missing that fails, and is tried again. */
export type OnDemand = { readonly [Name in keyof Parts]: () => Promise<Parts[Name]> };

interface Scope {
  orielParts?: Partial<Parts>;
  /** Service workers alone have it. */
  readonly importScripts?: (url: string) => void;
  addEventListener(type: 'install', listener: () => void): void;
}

const scope = globalThis as unknown as Scope;

/** What such a script calls. */
export function offer<Name extends keyof Parts>(name: Name, part: Parts[Name]): void {
  scope.orielParts = { ...scope.orielParts, [name]: part };
}

/** Called at the start of the background: the browser tells only then that it installs the worker. */
export function createOnDemand(): OnDemand {
  /** On their way: one call asks for a part several times before it is there. */
  const inserting: Partial<Record<keyof Parts, Promise<unknown>>> = {};
  const inserted = (name: keyof Parts) => {
    inserting[name] ??= insertScript(name).finally(() => delete inserting[name]);
    return inserting[name];
  };
  const load =
    <Name extends keyof Parts>(name: Name) =>
    async (): Promise<Parts[Name]> => {
      if (!scope.orielParts?.[name]) await (scope.importScripts ? importScript(name) : inserted(name));
      const part = scope.orielParts?.[name];
      if (!part) throw new Error(`${addressOf(name)} offers nothing.`);
      return part;
    };
  if (scope.importScripts) {
    scope.addEventListener('install', () => {
      for (const name of ['backends', 'database', 'forms', 'setup', 'screens'] as const) importScript(name);
    });
    // While the browser brings what woke the worker: an event page has read it by then (wxt.config.ts). Whoever needs it hears of a failure.
    setTimeout(() => load('backends')().catch(() => undefined));
  }
  return {
    backends: load('backends'),
    database: load('database'),
    forms: load('forms'),
    setup: load('setup'),
    screens: load('screens'),
    engine: load('engine'),
  };
}

/** A thing that is made of a part when it is used first, and then kept; a failure is not. */
export function atFirstUse<Part, Thing>(
  load: () => Promise<Part>,
  make: (part: Part) => Thing | Promise<Thing>,
): () => Promise<Thing> {
  let made: Promise<Thing> | undefined;
  return () => {
    made ??= load()
      .then(make)
      .catch((error) => {
        made = undefined;
        throw error;
      });
    return made;
  };
}

const addressOf = (name: keyof Parts) => `/${name}.js`;

function importScript(name: keyof Parts): void {
  scope.importScripts?.(addressOf(name));
}

function insertScript(name: keyof Parts): Promise<void> {
  const script = document.createElement('script');
  script.src = addressOf(name);
  const loaded = new Promise<void>((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${addressOf(name)} could not be loaded.`));
  });
  document.head.append(script);
  return loaded;
}
