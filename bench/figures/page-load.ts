/** What Oriel costs a page that does not use it: the load of a plain page beside a hand-written pair of content scripts that do nothing. */

import { launchBrowser, type TestBrowser, type TestPage } from '../../tests/support/browser';
import { builtFolder, standIn, withoutScripts } from '../extension';
import { type Figure, inTurn } from '../figure';
import { toRow } from '../row';
import { median, noiseOf } from '../statistics';

export const pageLoad: Figure = {
  name: 'page-load',
  async measure({ browser, answers, rounds }) {
    const opened: TestBrowser[] = [];
    const silent = withoutScripts(browser);
    const open = async (extension: string) => {
      const launched = await launchBrowser(browser, { extension, rawLifetime: true });
      opened.push(launched);
      return launched.newPage();
    };
    try {
      // The floor twice: a browser that loads twice as often as the other would be the warmer one.
      const pages = [
        await open(standIn('no-scripts')),
        await open(standIn('empty-pair')),
        await open(builtFolder(browser)),
        await open(standIn('empty-pair')),
        await open(silent.folder),
      ];
      const url = `${answers.origins[0]}/plain`;
      const load = (page: TestPage) => async () => {
        await page.goto(url);
        return page.evaluate<number, []>('performance.getEntriesByType("navigation")[0].loadEventEnd');
      };
      const [without = [], first = [], taken = [], second = [], emptied = []] = await inTurn(rounds(60), pages.map(load));
      const floors = [...first, ...second];
      const over = (median(emptied) - median(floors)).toFixed(1);
      const note = `without any script ${median(without).toFixed(1)} ms; Oriel with both scripts empty minus the floor ${over} ms; two runs of the floor differ by ${Math.abs(median(first) - median(second)).toFixed(1)} ms here, and by less than the goal in 95 of 100 pairs`;
      return [
        toRow(
          {
            ...{ name: 'page-load', title: 'Load of a plain page beside an empty pair of scripts', browser, mandatory: true },
            ...{ unit: 'ms', judged: 'difference', goal: noiseOf(first), note },
          },
          floors,
          taken,
        ),
      ];
    } finally {
      for (const one of opened) await one.close();
      silent.remove();
    }
  },
};
