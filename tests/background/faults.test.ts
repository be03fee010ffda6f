/** Every fault of a backend against every wire format, through the whole background over real sockets. `npm run test:faults` does the same in browsers. */
import { expect, test } from 'vitest';
import { openInNode } from '../support/faults/in-node';
import type { Verdict } from '../support/faults/judge';
import { chosenDialects, chosenFaults, runLane } from '../support/faults/run';

const chosen = { dialect: process.env.ORIEL_FAULT_DIALECT, fault: process.env.ORIEL_FAULT };
const patienceMs = 8000;

test.concurrent.each(chosenDialects(chosen))(
  '$name: whatever goes wrong, the call settles as it must and the next one works',
  { timeout: 120_000 },
  async (dialect) => {
    const server = await dialect.start();
    try {
      const bed = await openInNode(dialect, server);
      const verdicts: Verdict[] = [];
      const t0 = Date.now();
      await runLane(chosenFaults(chosen), { dialect, server, bed, browser: 'node', patienceMs }, (verdict) => {
        verdicts.push(verdict);
      });
      console.log(dialect.name, Date.now() - t0, verdicts.length);
      const bad = verdicts.filter(({ settled, wrong, leftOpen }) => !settled || wrong.length > 0 || leftOpen > 0);
      for (const v of bad)
        console.log(
          dialect.name,
          v.fault,
          v.settled ? '' : 'HUNG',
          v.wrong.join(' | '),
          v.leftOpen ? `OPEN ${v.leftOpen}` : '',
          v.settleMs,
        );
      const stops = verdicts.flatMap(({ stopMs, fault }) => (stopMs === undefined ? [] : [`${fault} ${Math.round(stopMs)}`]));
      console.log(dialect.name, 'stops', stops.join(', '));
      const slow = verdicts.filter((v) => v.settleMs > 300).map((v) => `${v.fault} ${v.settleMs}`);
      console.log(dialect.name, 'slow', slow.join(', '));
      expect(bad.length).toBe(0);
    } finally {
      await server.close();
    }
  },
);
