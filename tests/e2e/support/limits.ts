/** How long a thing may take, in milliseconds, where that is held, and from when it is counted. */

import { performance } from 'node:perf_hooks';
import type { TestPage } from '../../support/browser';

/**
 * From a stop, a revoked grant or a closed page to the closed socket of its backend: 250 ms (design.md §3). It is held where no other browser
 * runs beside the test: in `e2e-alone`, and over hundreds of runs in `npm run test:faults`. Beside two others, on two cores, a press
 * alone can take as long, so there only this is held: it ends, and not because some time-out came.
 */
export const stopsWithin = process.env.ORIEL_ALONE === '1' ? 250 : 3000;

/**
 * Presses something on `page` and gives the moment at which the page saw the press, on the clock of `performance.now()` here. What the driver
 * takes to find the button and to move there is not the product's time.
 */
export async function momentOf(page: TestPage, press: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    addEventListener('click', () => Object.assign(globalThis, { pressedAt: Date.now() }), { capture: true, once: true });
  });
  await press();
  return (await page.evaluate<number, []>('pressedAt')) - performance.timeOrigin;
}
