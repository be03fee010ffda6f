/** How soon Oriel's own pages show what they have to show, with a long log behind them. */

import { type Figure, inTurn } from '../figure';
import { markOf } from '../rig';
import { toRow } from '../row';

export const popup: Figure = {
  name: 'popup',
  async measure({ browser, rig, rounds }) {
    const { popupReady, fill } = await rig();
    const times = rounds(9);
    const [empty = []] = await inTurn(times, [popupReady]);
    await fill({ calls: 10_000, grants: 300 });
    const [taken = []] = await inTurn(times, [popupReady]);
    const about = { name: 'popup', title: 'Popup ready, 10,000 calls in the log', browser, mandatory: true } as const;
    const note = 'the baseline is the popup with an empty log';
    return [toRow({ ...about, unit: 'ms', judged: 'value', goal: 150, note }, empty, taken)];
  },
};

export const activity: Figure = {
  name: 'activity',
  async measure({ browser, rig, rounds }) {
    const { browser: driven, fill } = await rig();
    await fill({ calls: 100_000 });
    const times = rounds(7);
    const [painted = []] = await inTurn(times, [() => markOf(driven, 'options.html#activity', 'activity-ready')]);
    const page = await driven.newPage(driven.extensionUrl('options.html#activity'));
    const searches = ['model-3', 'site-12', 'site-299 model-2', 'nothing like it'];
    let next = 0;
    const [searched = []] = await inTurn(times, [() => page.evaluate(search, searches[next++ % searches.length] ?? '')]);
    await page.close();
    const about = { browser, mandatory: false, unit: 'ms', judged: 'value' } as const;
    const title = 'Activity with 100,000 calls';
    return [
      toRow({ ...about, name: 'activity-paint', title: `${title}: first paint`, goal: 300 }, [], painted),
      toRow({ ...about, name: 'activity-search', title: `${title}: search`, goal: 200 }, [], searched),
    ];
  },
};

/** Runs in the page: types, and waits until the list has changed and was painted. */
async function search(text: string): Promise<number> {
  const field = await new Promise<HTMLInputElement>((resolve) => {
    const look = () => {
      const found = document.querySelector<HTMLInputElement>('search input');
      if (found) resolve(found);
      else setTimeout(look, 20);
    };
    look();
  });
  const main = document.querySelector('main') ?? document.body;
  const shown = () => main.querySelector('[role=status]')?.textContent ?? main.querySelector('h2')?.textContent;
  const before = shown();
  const begun = performance.now();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, text);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise<void>((resolve) => {
    const look = () => {
      if (shown() === before) return;
      watcher.disconnect();
      requestAnimationFrame(() => setTimeout(resolve));
    };
    const watcher = new MutationObserver(look);
    watcher.observe(main, { subtree: true, childList: true, characterData: true });
  });
  return performance.now() - begun;
}
