/** A piece of the fault matrix (docs/faults.md) in a browser: one format, and a fault of each kind. All of it: `npm run test:faults`. */
import { expect, test } from 'vitest';
import { faultDialects } from '../support/faults/dialects';
import { openInBrowser } from '../support/faults/in-browser';
import { isRight, type Verdict } from '../support/faults/judge';
import { chosenFaults, runLane } from '../support/faults/run';
import { browserNames } from './support/oriel';

/** Refused, failing, cut, broken, too much, and stopped: nine, which is what one site may ask at once. */
const kinds = new Set([
  ...['off', 'reset-then-well', 'status-400', 'redirected', 'closed-midway'],
  ...['nonsense-midway', 'line-of-10-mb', 'gzip-cut', 'stopped-midway'],
]);

test('a fault of each kind settles as it must in a real page, and the next call works', async () => {
  const [browser] = browserNames;
  const dialect = faultDialects.find(({ name }) => name === 'ollama');
  if (!browser || !dialect) throw new Error('There is no browser, or no such format.');
  const server = await dialect.start();
  const wrong: Verdict[] = [];
  try {
    const bed = await openInBrowser(browser, dialect, server);
    try {
      const lane = chosenFaults({}).filter(({ name }) => kinds.has(name));
      expect(lane).toHaveLength(kinds.size);
      await runLane(lane, { dialect, server, bed, browser, patienceMs: 20_000 }, (verdict) => {
        if (!isRight(verdict)) wrong.push(verdict);
      });
    } finally {
      await bed.close();
    }
  } finally {
    await server.close();
  }
  expect(wrong).toEqual([]);
});
