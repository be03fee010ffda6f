/** Every fault of a backend against every wire format, through the whole background over real sockets. `npm run test:faults` does the same in browsers. */
import { expect, test } from 'vitest';
import { openInNode } from '../support/faults/in-node';
import { isRight, type Verdict } from '../support/faults/judge';
import { chosenDialects, chosenFaults, runLane } from '../support/faults/run';

/** Of the security plan, so that each is found by its number. */
const numbers = [...new Set(chosenFaults({}).map(({ test: number }) => number))].join(' ');

const patienceMs = 20_000;

test.concurrent.each(chosenDialects({}))(
  `${numbers} $name: whatever goes wrong, the call settles as it must and the next one works`,
  { timeout: 180_000 },
  async (dialect) => {
    const server = await dialect.start();
    try {
      const bed = await openInNode(dialect, server);
      const wrong: Verdict[] = [];
      await runLane(chosenFaults({}), { dialect, server, bed, browser: 'node', patienceMs }, (verdict) => {
        if (!isRight(verdict)) wrong.push(verdict);
      });
      expect(wrong).toEqual([]);
    } finally {
      await server.close();
    }
  },
);
