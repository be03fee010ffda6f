/** A browser with Oriel connected to the answering servers, and a page that is always allowed to ask. */

import { type BrowserName, launchBrowser, type TestBrowser, type TestPage } from '../tests/support/browser';
import type { Answers, Order } from './answers';
import { standIn, withoutRates } from './extension';
import { type Filling, fill } from './fill';

/** What the page saw of one answer, in milliseconds from the question on. */
export interface Seen {
  readonly ms: number;
  readonly first: number;
  /** From the server's sending to the page's script, a chunk each; where the order says `stamped`. */
  readonly latencies: readonly number[];
}

export interface Rig {
  readonly browser: TestBrowser;
  /** The measuring page. */
  readonly page: TestPage;
  /** A page of the extension with none of its code. */
  readonly inside: TestPage;
  /** As the page fetches by itself. */
  own(order: Order): Promise<Seen>;
  /** As it asks Oriel. */
  oriel(order: Order): Promise<Seen>;
  /** Writes what long use leaves behind. */
  fill(filling: Filling): Promise<void>;
  /** Milliseconds from the navigation to the popup's paint with its content. */
  popupReady(): Promise<number>;
  close(): Promise<void>;
}

export const asksOwn = (order: Order) => (globalThis as unknown as Measuring).bench.own(order);
const asksOriel = (order: Order) => (globalThis as unknown as Measuring).bench.oriel(order);
const asksPeer = (order: Order) => (globalThis as unknown as Measuring).bench.peer(order);

export interface Measuring {
  readonly bench: {
    own(order: Order): Promise<Seen>;
    oriel(order: Order): Promise<Seen>;
    peer(order: Order): Promise<Seen>;
    manyOwn(count: number, order: Order, origins: readonly string[]): Promise<number>;
    manyOriel(count: number, order: Order, models: readonly string[]): Promise<number>;
    availability(count: number): Promise<number>;
  };
}

export async function openMeasuringPage(browser: TestBrowser, origin: string): Promise<TestPage> {
  const page = await browser.newPage(`${origin}/`);
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const look = () => ('bench' in globalThis ? resolve() : setTimeout(look, 10));
        look();
      }),
  );
  return page;
}

export async function openRig(name: BrowserName, answers: Answers): Promise<Rig> {
  const extension = withoutRates(name);
  // Nothing is attached to the background, which would keep it alive and slow its start.
  const browser = await launchBrowser(name, { extension: extension.folder, rawLifetime: true });
  const close = async () => {
    await browser.close();
    extension.remove();
  };
  try {
    const inside = await browser.newPage(browser.extensionUrl('icon/oriel.svg'));
    const [origin = ''] = answers.origins;
    await connect(inside, answers);
    await fill(inside, { allowed: [origin] });
    const page = await openMeasuringPage(browser, origin);
    return {
      browser,
      page,
      inside,
      own: (order) => page.evaluate(asksOwn, order),
      oriel: (order) => page.evaluate(asksOriel, order),
      async fill(filling) {
        await fill(inside, filling);
        // It keeps in memory what it read before, and does not see what another context writes.
        await browser.killBackground();
      },
      popupReady: () => markOf(browser, 'popup.html', 'popup-ready'),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

export interface PeerRig {
  readonly browser: TestBrowser;
  peer(order: Order): Promise<Seen>;
}

/** A browser with the relay that posts each chunk instead of Oriel, and the same page in it. */
export async function openPeer(name: BrowserName, answers: Answers): Promise<PeerRig> {
  const browser = await launchBrowser(name, { extension: standIn('each-chunk'), rawLifetime: true });
  try {
    const page = await openMeasuringPage(browser, answers.origins[0] ?? '');
    return { browser, peer: (order) => page.evaluate(asksPeer, order) };
  } catch (cause) {
    await browser.close();
    throw cause;
  }
}

/** When a page of Oriel set this mark, in milliseconds from its navigation on. */
export async function markOf(browser: TestBrowser, path: string, mark: string): Promise<number> {
  const page = await browser.newPage(browser.extensionUrl(path));
  try {
    return await page.evaluate(
      (name: string) =>
        new Promise<number>((resolve) => {
          const look = () => {
            const [entry] = performance.getEntriesByName(name);
            if (entry) resolve(entry.startTime);
            else setTimeout(look, 10);
          };
          look();
        }),
      mark,
    );
  } finally {
    await page.close();
  }
}

/** One connection for each server, the first of them active, as the form would make them. */
async function connect(inside: TestPage, { origins }: Answers): Promise<void> {
  for (const [index, origin] of origins.entries())
    await inside.evaluate(
      (name: string, baseUrl: string) =>
        new Promise<void>((resolve, reject) => {
          const { runtime } = (globalThis as unknown as { browser?: typeof chrome }).browser ?? chrome;
          const port = runtime.connect({ name: 'ui' });
          port.onMessage.addListener((frame: { id?: string; type: string }) => {
            if (frame.id !== 'add') return;
            port.disconnect();
            if (frame.type === 'error') reject(new Error(JSON.stringify(frame)));
            else resolve();
          });
          const input = { providerId: 'openai-compatible', name, baseUrl, defaultModel: 'bench' };
          port.postMessage({ v: 1, type: 'request', id: 'add', call: { type: 'connection-add', input }, activated: true });
        }),
      `Server ${index}`,
      `${origin}/v1`,
    );
}
