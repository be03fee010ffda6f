/** The model on this device: loading, the first token, each further one, and what the second turn reads, beside the same engine in a bare page and natively. */

import type { DeviceModel } from '../../protocol/engine';
// @ts-expect-error: a script without types
import { findWeights } from '../../scripts/model-weights.mjs';
import { askBackground } from '../../tests/e2e/support/own-page';
import { launchBrowser, type TestBrowser, type TestPage } from '../../tests/support/browser';
import { importModel } from '../device';
import type { EnginePage, Said, Told } from '../engine-page';
import { startEngineServer } from '../engine-server';
import { withoutRates } from '../extension';
import type { Figure } from '../figure';
import { fill } from '../fill';
import { openNativeLlama } from '../native-llama';
import { type RowDescription, toRow } from '../row';
import { median } from '../statistics';

/** One conversation, from nothing in memory on. Milliseconds and tokens. */
interface Conversation {
  readonly load: number;
  readonly first: number;
  readonly token: number;
  readonly secondTurn: number;
}

/** One side: asks with all that was said, and lets go of the model. */
interface Side {
  ask(said: readonly Said[], maxTokens: number): Promise<Told>;
  unload(): Promise<void>;
}

const answerTokens = 48;
const paragraph =
  'The lighthouse stood on a rock far out in the bay, and nobody had lived in it for thirty years. On calm days the fishermen tied their boats to ' +
  'its stairs and ate their bread in its shade. On the other days they kept away, since the currents around the rock changed with the wind, and the ' +
  'old people of the village said that the lamp had been seen burning on the night before each of the three great storms. ';

/** Differs from its first word on: what an earlier round said helps nobody. */
const storyOf = (round: number): string => `Tale number ${round}. ${paragraph}Go on with this story, at length.`;

export const engine: Figure = {
  name: 'engine',
  async measure({ browser, rounds, log }) {
    const weights = (await findWeights({ log: () => undefined })) as { file: string; real: boolean };
    if (!weights.real) throw new Error('the weights of SmolLM2 could not be had from any source');
    const extension = withoutRates(browser);
    const server = await startEngineServer(weights.file);
    const driven = await launchBrowser(browser, { extension: extension.folder, rawLifetime: true });
    try {
      await importModel(driven, weights.file, 'SmolLM2');
      const inside = await driven.newPage(driven.extensionUrl('icon/oriel.svg'));
      await fill(inside, { allowed: [server.origin] });
      await driven.killBackground();
      const page = await driven.newPage(`${server.origin}/`);
      const { model, threads } = await settingsOf(page, inside);
      const native = await openNativeLlama(weights.file, model.contextTokens, threads, log);
      try {
        const sides = [bareSide(page, model, threads), orielSide(driven, page, inside), ...(native ? [nativeSide(native)] : [])];
        const measured: (readonly Conversation[])[] = [];
        // The first is thrown away, as everywhere.
        for (let round = 0; round <= rounds(5); round += 1) measured.push(await converse(round, sides));
        return rowsOf(browser, threads, measured.slice(1));
      } finally {
        await native?.close();
      }
    } finally {
      await driven.close();
      await server.close();
      extension.remove();
    }
  },
};

const has = (page: TestPage) => page.evaluate(() => 'enginePage' in globalThis);
type WithPage = { readonly enginePage: EnginePage };

/** How Oriel loads the model, after a first question. */
async function settingsOf(page: TestPage, inside: TestPage): Promise<{ model: DeviceModel; threads: number }> {
  while (!(await has(page))) await new Promise((resolve) => setTimeout(resolve, 50));
  await page.evaluate(() => (globalThis as unknown as WithPage).enginePage.oriel([{ role: 'user', content: 'Hi' }], 1));
  const { device = [] } = await askBackground<{ device?: readonly { model: DeviceModel; state: { type: string } }[] }>(
    inside,
    'overview',
  );
  const model = device.find(({ state }) => state.type === 'ready')?.model;
  const { threads } = await askBackground<{ threads: number }>(inside, 'device-engine');
  if (!model || threads < 1) throw new Error('Oriel has loaded no model.');
  return { model, threads };
}

function bareSide(page: TestPage, model: DeviceModel, threads: number): Side {
  return {
    ask: (said, maxTokens) =>
      page.evaluate(
        (...asked: Parameters<EnginePage['bare']>) => (globalThis as unknown as WithPage).enginePage.bare(...asked),
        ...([model, threads, said, maxTokens] as const),
      ),
    unload: () => page.evaluate(() => (globalThis as unknown as WithPage).enginePage.unload()),
  };
}

function orielSide(browser: TestBrowser, page: TestPage, inside: TestPage): Side {
  return {
    ask: (said, maxTokens) =>
      page.evaluate(
        (...asked: Parameters<EnginePage['oriel']>) => (globalThis as unknown as WithPage).enginePage.oriel(...asked),
        ...([said, maxTokens] as const),
      ),
    // The context that runs the model goes, as it does when nobody asks; the background itself is awake again.
    async unload() {
      if (browser.name === 'chromium') await inside.evaluate(() => chrome.offscreen.closeDocument());
      else await browser.killBackground();
      await askBackground(inside, 'overview');
    },
  };
}

function nativeSide(native: NonNullable<Awaited<ReturnType<typeof openNativeLlama>>>): Side {
  return {
    ask: (said, maxTokens) => native.ask(said.at(-1)?.content ?? '', maxTokens, said.length === 1),
    unload: native.unload,
  };
}

/** Step by step in turn, so that what else the machine does hits all sides alike; every other round the other way about. */
async function converse(round: number, sides: readonly Side[]): Promise<readonly Conversation[]> {
  const order = [...sides.keys()];
  if (round % 2 === 1) order.reverse();
  const inOrder = async <Value>(step: (side: Side, index: number) => Promise<Value>): Promise<Value[]> => {
    const values: Value[] = [];
    for (const index of order) values[index] = await step(sides[index] as Side, index);
    return values;
  };
  for (const side of sides) await side.unload();
  const loading = await inOrder(({ ask }) => ask([{ role: 'user', content: 'Hi' }], 1));
  const question: Said = { role: 'user', content: storyOf(round) };
  const told = await inOrder(({ ask }) => ask([question], answerTokens));
  const next = await inOrder(({ ask }, index) =>
    ask([question, { role: 'assistant', content: told[index]?.text ?? '' }, { role: 'user', content: 'And then?' }], 1),
  );
  return sides.map((_side, index) => {
    const [cold, answer, second] = [loading[index], told[index], next[index]] as [Told, Told, Told];
    if (answer.tokens < answerTokens) throw new Error(`The answer had ${answer.tokens} tokens instead of ${answerTokens}.`);
    return {
      load: cold.first,
      first: answer.first,
      token: (answer.last - answer.first) / (answer.tokens - 1),
      secondTurn: second.promptTokens - second.cachedTokens,
    };
  });
}

const titles: Readonly<Record<keyof Conversation, string>> = {
  load: 'Model on this device: question to first token, nothing in memory',
  first: 'Model on this device: question to first token, about 150 tokens to read',
  token: 'Model on this device: each further token',
  secondTurn: 'Model on this device: tokens read at the second turn',
};

function rowsOf(browser: TestBrowser['name'], threads: number, measured: readonly (readonly Conversation[])[]) {
  const sideOf = (index: number) => measured.flatMap((round) => round[index] ?? []);
  const [bares, oriels, natives] = [sideOf(0), sideOf(1), sideOf(2)] as const;
  const rowOf = (what: keyof Conversation, about: Pick<RowDescription, 'name' | 'unit' | 'judged' | 'goal'>, note?: string) => {
    const of = (conversation: Conversation) => conversation[what];
    const peer = natives.length > 0 ? median(natives.map(of)) / median(bares.map(of)) : undefined;
    return toRow({ ...about, title: titles[what], browser, mandatory: true, peer, note }, bares.map(of), oriels.map(of));
  };
  const ratio = { unit: 'ms', judged: 'ratio', goal: 1.05 } as const;
  const rate = (of: readonly Conversation[]) => (1000 / median(of.map(({ token }) => token))).toFixed(1);
  const rates = [`bare page ${rate(bares)}`, `Oriel ${rate(oriels)}`, ...(natives.length > 0 ? [`native ${rate(natives)}`] : [])];
  const with_ = `SmolLM2 135M, ${threads} ${threads === 1 ? 'thread' : 'threads'} each`;
  return [
    rowOf('load', { name: 'engine-load', ...ratio }, with_),
    rowOf('first', { name: 'engine-first-token', ...ratio }),
    rowOf('token', { name: 'engine-token', ...ratio }, `tokens per second: ${rates.join(', ')}`),
    rowOf('secondTurn', { name: 'engine-second-turn', unit: 'tokens', judged: 'difference', goal: 0 }),
  ];
}
