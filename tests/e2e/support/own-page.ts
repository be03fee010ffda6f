/** A page of Oriel's origin without any of its code: what is stored, what the background says, and what it answers to a message. */

import type { TestPage } from '../../support/browser';
import type { Oriel } from './oriel';

/** The browser's API in a page of the extension, as source text. */
export const api = '(globalThis.browser ?? chrome)';

/** It wakes nobody by itself. */
export const bystander = ({ browser }: Pick<Oriel, 'browser'>): Promise<TestPage> =>
  browser.newPage(browser.extensionUrl('icon/oriel.svg'));

/** One operation of Oriel's own pages, as a message. Rejects with the code of the error. */
export const askBackground = <Answer>(page: TestPage, type: string, input: unknown = {}): Promise<Answer> =>
  page.evaluate(
    (operation: string, given: unknown) =>
      new Promise<Answer>((resolve, reject) => {
        const { runtime } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
        const port = runtime.connect({ name: 'ui' });
        port.onMessage.addListener((frame: { id?: string; type: string; value?: Answer; error?: { code: string } }) => {
          if (frame.id !== 'asked') return;
          port.disconnect();
          if (frame.type === 'error') reject(new Error(frame.error?.code));
          else resolve(frame.value as Answer);
        });
        port.postMessage({ v: 1, type: 'request', id: 'asked', call: { type: operation, input: given }, activated: true });
      }),
    type,
    input,
  ) as Promise<Answer>;

/** Notes in `window.seen` how many cards wait and since when, as `Date.now()`. */
export async function watchWaiting(page: TestPage): Promise<void> {
  await page.evaluate(() => {
    interface Shown {
      approvals: unknown[];
    }
    const { runtime } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
    const seen = { count: -1, at: 0 };
    Object.assign(globalThis, { seen });
    const port = runtime.connect({ name: 'ui' });
    port.onMessage.addListener((frame: { event?: { overview: Shown }; value?: Shown }) => {
      const { approvals } = frame.event?.overview ?? frame.value ?? {};
      if (approvals && approvals.length !== seen.count) Object.assign(seen, { count: approvals.length, at: Date.now() });
    });
    port.postMessage({ v: 1, type: 'request', id: 'look', call: { type: 'overview', input: {} }, activated: true });
  });
}

export const waitingSeen = (page: TestPage) => page.evaluate<{ count: number; at: number }, []>('window.seen');

export const badgeOf = (page: TestPage) => page.evaluate<string, []>(`${api}.action.getBadgeText({})`);

/** Everything in the extension's storage as text: what lasts, and what the session keeps in memory. */
export const dumpStorage = (page: TestPage): Promise<{ lasting: string; session: string }> =>
  page.evaluate(async () => {
    const { storage } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
    const done = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const found: unknown[] = [await storage.local.get(null), await storage.sync.get(null)];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames)
        found.push([name, store, await done(database.transaction(store).objectStore(store).getAll())]);
      database.close();
    }
    // Bytes as text: a secret that lay there in the clear would be found.
    const lasting = JSON.stringify(found, (_key, value) => {
      const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value instanceof Uint8Array ? value : undefined;
      return bytes ? String.fromCharCode(...bytes) : value;
    });
    return { lasting, session: JSON.stringify(await storage.session.get(null)) };
  });
