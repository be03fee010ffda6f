/** A backend that floods a WebSocket and does not hear that it is ended: nobody else notices. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { startLegacyServer } from '../support/servers/webui-legacy-server';
import { answerApproval, browserNames, openOriel, settled, start, until } from './support/oriel';

/** Where the row looks for the stream. */
const port = 5005;
const provider = 'Text generation web UI (before November 2023)';

test.each(
  browserNames.flatMap((name) => [false, true].map((isBinary) => ({ name, isBinary, kind: isBinary ? 'bytes' : 'text' }))),
)(
  'T96 $name: a WebSocket floods on with $kind after its call has ended: each call settles at once, and the person can answer the next',
  { timeout: 180_000 },
  async ({ name, isBinary }) => {
    const text = JSON.stringify({ event: 'text_stream', message_num: 0, text: ' on' });
    const flood = new Worker(new URL('../support/flood.mjs', import.meta.url), { workerData: { port, text, isBinary } });
    const said: { type: string; at: number; megabytes?: number }[] = [];
    flood.on('message', (message) => said.push({ ...message, at: performance.now() }));
    await once(flood, 'message');
    const backend = await startLegacyServer();
    const oriel = await openOriel(name);
    try {
      await oriel.connect({ provider, address: backend.baseUrl });
      const times: number[] = [];
      for (let count = 0; count < 5; count += 1) {
        const page = await oriel.visit(`site${count}.localhost`);
        const call = await start(page, { prompt: 'Hi' }, {}, { streams: true });
        const before = performance.now();
        await answerApproval(oriel.browser, 'Always allow');
        const { state, error } = await settled(page, call, 5000);
        times.push(Math.round(performance.now() - before));
        expect(state).toBe('rejected');
        expect(error).toMatch(/unexpected|answer|model/i);
      }
      const begun = said.filter(({ type }) => type === 'begun');
      expect(begun).toHaveLength(5);
      const first = begun[0]?.at ?? 0;
      await until(async () => said.filter(({ type }) => type === 'gone').length === 5, 90_000).catch(() => undefined);
      console.log(
        `${name}: approvals and calls took ${times} ms`,
        said.map(
          ({ type, at, megabytes }) =>
            `${type} ${Math.round(at - first)} ms ${megabytes === undefined ? '' : `${Math.round(megabytes)} MB`}`,
        ),
      );
    } finally {
      await oriel.close();
      await backend.close();
      await flood.terminate();
    }
  },
);
