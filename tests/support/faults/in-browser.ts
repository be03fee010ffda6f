/** A real browser with Oriel, connected to the backend of a dialect as a person does it, and pages that ask. */
import { errorString } from '../../../page/classic-errors';
import type { AiErrorCode } from '../../../protocol/errors';
import { answerApproval, callOf, type Oriel, openOriel, settled, start } from '../../e2e/support/oriel';
import type { BrowserName, TestPage } from '../browser';
import { startVendors } from '../vendors';
import type { FaultDialect, StandIn } from './dialects';
import type { Asker, RunningCall } from './judge';
import type { Bed } from './run';

export async function openInBrowser(
  name: BrowserName,
  dialect: FaultDialect,
  server: StandIn,
): Promise<Bed & { close(): Promise<void> }> {
  const vendors = await startVendors(new Map((dialect.hosts ?? []).map((host) => [host, server.fault.port])));
  const oriel = await openOriel(name, {}, { vendors }).catch(async (error) => {
    await vendors.close();
    throw error;
  });
  const close = async () => {
    await oriel.close();
    await vendors.close();
  };
  try {
    const { provider, key, model } = dialect;
    await oriel.connect({
      provider,
      address: server.address,
      ...(key !== undefined && { key }),
      ...(model !== undefined && { model }),
    });
    const books = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#about'));
    let last: TestPage | undefined;
    return {
      close,
      async asker(site) {
        await last?.close();
        last = await oriel.visit(`${site}.localhost`);
        return askerOf(oriel, books, last);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function askerOf({ browser }: Oriel, books: TestPage, page: TestPage): Promise<Asker> {
  const { origin } = new URL(await page.url());
  let isAllowed = false;
  return {
    async ask() {
      const call = await start(page, { prompt: 'Hi' }, {}, { streams: true });
      if (!isAllowed) await answerApproval(browser, 'Always allow');
      isAllowed = true;
      return runningCall(page, call);
    },
    errorOf: patternOf,
    booked: () => books.evaluate(readBooked, origin),
    logged: () => books.evaluate(countLogged, origin),
  };
}

function patternOf(code: AiErrorCode): RegExp {
  // A page that stops a call hears of it from its own signal.
  if (code === 'aborted') return /abort/i;
  // The status of a refusal is the backend's.
  return new RegExp(
    `^${errorString({ code })
      .replace(/: \d+:/, ': \\d+:')
      .replaceAll('.', '\\.')}$`,
  );
}

function runningCall(page: TestPage, id: string): RunningCall {
  const textOf = ({ stream }: Awaited<ReturnType<typeof callOf>>) => stream.map(([result]) => result?.text ?? '').join('');
  return {
    text: async () => textOf(await callOf(page, id)),
    abort: () =>
      page.evaluate(
        (call: string) => (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[call]?.abort(),
        id,
      ),
    async settled(timeoutMs) {
      const call = await settled(page, id, timeoutMs).catch(() => undefined);
      if (!call) return undefined;
      return { error: call.state === 'rejected' ? call.error : undefined, text: textOf(call), seen: JSON.stringify(call) };
    },
  };
}

// What follows runs in a page of the extension, where the database is.

async function readBooked(origin: string): Promise<number> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('oriel');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const account = await new Promise<{ days: Record<string, { microUsd: number; metered: number }> } | undefined>((resolve) => {
    const reading = database.transaction('accounts').objectStore('accounts').get(origin);
    reading.onsuccess = () => resolve(reading.result);
  });
  database.close();
  return Object.values(account?.days ?? {}).reduce((sum, { microUsd, metered }) => sum + microUsd + metered, 0);
}

async function countLogged(origin: string): Promise<number> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('oriel');
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const calls = await new Promise<{ siteKey: string }[]>((resolve) => {
    const reading = database.transaction('activity').objectStore('activity').getAll();
    reading.onsuccess = () => resolve(reading.result);
  });
  database.close();
  return calls.filter(({ siteKey }) => siteKey === origin).length;
}
