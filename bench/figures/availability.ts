/** What a page polls: answered in the page, each time but the first. */

import { type Figure, inTurn } from '../figure';
import type { Measuring } from '../rig';
import { toRow } from '../row';

const calls = 10_000;

export const availability: Figure = {
  name: 'availability',
  async measure({ browser, rig, rounds }) {
    const { page } = await rig();
    const once = () => page.evaluate((count: number) => (globalThis as unknown as Measuring).bench.availability(count), calls);
    const [taken = []] = await inTurn(rounds(5), [once]);
    const title = 'LanguageModel.availability(), each of 10,000';
    const about = { name: 'availability', title, browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'ms', judged: 'value', goal: 0.05 }, [], taken)];
  },
};
