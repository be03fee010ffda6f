/**
 * What most wake-ups do without: the wire formats, and what a person does once in a while. The background starts with half the code and loads
 * this part when it is needed first. It is a plain script of its own in both browsers, because a service worker refuses `import()`, and
 * `importScripts` there takes only what was imported already while the worker was being installed (Service Workers, "importScripts(urls)").
 */

import type { CreateHasher } from '../protocol/engine';
import type { CreateProvider } from '../providers/create-provider';
import type { createLocalServers } from './local-servers';
import type { createSignIn } from './sign-in';
import type { createTransfer } from './transfer';

export interface OnDemand {
  readonly createProvider: CreateProvider;
  readonly createHasher: CreateHasher;
  readonly createLocalServers: typeof createLocalServers;
  readonly createSignIn: typeof createSignIn;
  readonly createTransfer: typeof createTransfer;
}

/** Loaded once; fails where the script is missing, and then tries again. */
export type LoadOnDemand = () => Promise<OnDemand>;

const address = '/on-demand.js';

interface Scope {
  orielOnDemand?: OnDemand;
  /** Service workers alone have it. */
  readonly importScripts?: (url: string) => void;
  addEventListener(type: 'install', listener: () => void): void;
}

const scope = globalThis as unknown as Scope;

/** What that script calls. */
export function offer(onDemand: OnDemand): void {
  scope.orielOnDemand = onDemand;
}

/** Called at the start of the background: the browser tells only then that it installs the worker. */
export function createOnDemand(): LoadOnDemand {
  if (scope.importScripts) scope.addEventListener('install', importIt);
  return async () => {
    if (!scope.orielOnDemand) await (scope.importScripts ? importIt() : insertScript());
    if (!scope.orielOnDemand) throw new Error(`${address} offers nothing.`);
    return scope.orielOnDemand;
  };
}

/** A part that is made when it is used first, and then kept; a failure is not. */
export function atFirstUse<Part>(onDemand: LoadOnDemand, make: (code: OnDemand) => Part): () => Promise<Part> {
  let made: Promise<Part> | undefined;
  return () => {
    made ??= onDemand()
      .then(make)
      .catch((error) => {
        made = undefined;
        throw error;
      });
    return made;
  };
}

function importIt(): void {
  scope.importScripts?.(address);
}

function insertScript(): Promise<void> {
  const script = document.createElement('script');
  script.src = address;
  const loaded = new Promise<void>((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${address} could not be loaded.`));
  });
  document.head.append(script);
  return loaded;
}
