/** All faults × formats × browsers, as `npm run test:faults` asks for them. Each verdict is a line of the file that the script sums up. */
import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BrowserName } from '../browser';
import type { FaultDialect, StandIn } from './dialects';
import { openInBrowser } from './in-browser';
import { openInNode } from './in-node';
import { isRight, type Verdict } from './judge';
import { type Bed, chosenDialects, chosenFaults, runLane } from './run';

interface Options {
  readonly browsers: readonly string[];
  readonly repeats: number;
  readonly dialect?: string;
  readonly fault?: string;
  readonly part?: string;
  /** Lines of verdicts. */
  readonly file: string;
}

const options = JSON.parse(process.env.ORIEL_FAULTS ?? '{"browsers":["node"],"repeats":1,"file":"/dev/null"}') as Options;
/** With three tries, pauses between them, and polls of volunteers. */
const patienceMs = 40_000;

describe.each(options.browsers)('%s', (browser) => {
  test.each(chosenDialects(options))('$name', { timeout: 45 * 60_000 * options.repeats }, async (dialect) => {
    const server = await dialect.start();
    const wrong: Verdict[] = [];
    try {
      const { bed, close } = await open(browser, dialect, server);
      try {
        for (let repeat = 0; repeat < options.repeats; repeat += 1) {
          const sites = `r${repeat}`;
          await runLane(chosenFaults(options), { dialect, server, bed, browser, patienceMs, sites }, (verdict) => {
            appendFileSync(options.file, `${JSON.stringify(verdict)}\n`);
            if (!isRight(verdict)) wrong.push(verdict);
          });
        }
      } finally {
        await close();
      }
    } finally {
      await server.close();
    }
    expect(wrong).toEqual([]);
  });
});

async function open(browser: string, dialect: FaultDialect, server: StandIn): Promise<{ bed: Bed; close(): Promise<void> }> {
  if (browser === 'node') return { bed: await openInNode(dialect, server), close: async () => undefined };
  const bed = await openInBrowser(browser as BrowserName, dialect, server);
  return { bed, close: bed.close };
}
