/** What Oriel costs a page that does not use it: the load of a plain page beside a hand-written pair of content scripts that do nothing. */

import { launchBrowser, type TestBrowser } from '../../tests/support/browser';
import { builtFolder, standIn, withoutScripts } from '../extension';
import { type Figure, inTurn } from '../figure';
import { toRow } from '../row';
import { median, noiseOf } from '../statistics';

/** Browsers of either side, each a run of its own: with the same extension in them, two differ by more than the loads of one can tell. */
const equal = 4;

export const pageLoad: Figure = {
  name: 'page-load',
  async measure({ browser, answers, rounds }) {
    const opened: TestBrowser[] = [];
    const silent = withoutScripts(browser);
    const url = `${answers.origins[0]}/plain`;
    const open = async (extension: string) => {
      const launched = await launchBrowser(browser, { extension, rawLifetime: true });
      opened.push(launched);
      const page = await launched.newPage();
      return async () => {
        await page.goto(url);
        return page.evaluate<number, []>('performance.getEntriesByType("navigation")[0].loadEventEnd');
      };
    };
    try {
      const loads = [await open(standIn('no-scripts')), await open(silent.folder)];
      for (let pair = 0; pair < equal; pair += 1) loads.push(await open(standIn('empty-pair')), await open(builtFolder(browser)));
      const [without = [], emptied = [], ...pairs] = await inTurn(rounds(60), loads);
      const floors = pairs.filter((_, index) => index % 2 === 0);
      const oriels = pairs.filter((_, index) => index % 2 === 1);
      const medians = (runs: typeof floors) => runs.map((run) => median(run).toFixed(1)).join(', ');
      const over = (median(emptied) - median(floors.flat())).toFixed(1);
      const note = `without any script ${median(without).toFixed(1)} ms; Oriel with both scripts empty minus the floor ${over} ms; ${equal} browsers of each in turn: the floor ${medians(floors)} ms, Oriel ${medians(oriels)} ms; two runs of the floor differ by less than the goal in 95 of 100 pairs`;
      return [
        toRow(
          {
            ...{ name: 'page-load', title: 'Load of a plain page beside an empty pair of scripts', browser, mandatory: true },
            ...{ unit: 'ms', judged: 'difference', goal: noiseOf(floors), note },
          },
          floors.flat(),
          oriels.flat(),
        ),
      ];
    } finally {
      for (const one of opened) await one.close();
      silent.remove();
    }
  },
};
