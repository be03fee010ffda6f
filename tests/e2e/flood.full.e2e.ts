/**
 * A backend that floods a WebSocket and does not hear that it is ended: nobody else notices. In Chromium alone: Firefox takes no turn any more while
 * such a flood lasts, in a plain page without Oriel as well (docs/faults.md).
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { startLegacyServer } from '../support/servers/webui-legacy-server';
import { answerApproval, browserNames, delay, openOriel, settled, start } from './support/oriel';

/** Where the row looks for the stream. */
const port = 5005;
const provider = 'Text generation web UI (before November 2023)';
const text = JSON.stringify({ event: 'text_stream', message_num: 0, text: ' on' });

test.runIf(browserNames.includes('chromium')).each([
  { kind: 'words', isBinary: false },
  { kind: 'bytes', isBinary: true },
])(
  'T96 a WebSocket floods on with $kind after its call has ended: each call settles, and the person can answer the next',
  { timeout: 120_000 },
  async ({ isBinary }) => {
    const flood = new Worker(new URL('../support/flood.mjs', import.meta.url), { workerData: { port, text, isBinary } });
    const sent: number[] = [];
    await once(flood, 'message');
    flood.on('message', ({ megabytes }: { megabytes?: number }) => megabytes !== undefined && sent.push(megabytes));
    const backend = await startLegacyServer();
    const oriel = await openOriel('chromium');
    try {
      await oriel.connect({ provider, address: backend.baseUrl });
      for (let count = 0; count < 5; count += 1) {
        const page = await oriel.visit(`site${count}.localhost`);
        const call = await start(page, { prompt: 'Hi' }, {}, { streams: true });
        // The window closes within five seconds, as after any other press.
        await answerApproval(oriel.browser, 'Always allow');
        expect(await settled(page, call, 5000)).toMatchObject({ state: 'rejected' });
      }
      // All of them are there still, and none has been let through.
      await delay(1000);
      expect(sent).toEqual([]);
    } finally {
      await oriel.close();
      await backend.close();
      await flood.terminate();
    }
  },
);
