/** Builds a TestPage out of the few things a raw protocol client can do; shared by Firefox and by Chromium without Playwright. */
import { writeFileSync } from 'node:fs';
import type { FindOptions, Name, TestPage } from './browser';
import { actionSource, describeQuery, type ElementQuery, type InPageAction, type InPageResult, toQuery } from './in-page';
import { poll, sleep } from './waiting';

/** What a protocol client has to offer for one page. */
export interface PageDriver {
  url(): Promise<string>;
  goto(url: string): Promise<void>;
  /** Evaluates an expression in the page's own world without user activation; gives JSON-like values; throws what the page throws. */
  evaluate(expression: string): Promise<unknown>;
  /** The same in a world of its own that the page cannot disturb. Throws while the page navigates. */
  evaluateIsolated(expression: string): Promise<unknown>;
  mouseClick(x: number, y: number): Promise<void>;
  pressKey(key: string): Promise<void>;
  capture(): Promise<string>;
  setViewport(width: number, height: number): Promise<void>;
  emulateDark(dark: boolean): Promise<void>;
  back(): Promise<void>;
  isOpen(): Promise<boolean>;
  close(): Promise<void>;
}

const defaultTimeoutMs = 5000;

/** The full page interface on top of a protocol client. */
export function createPage(driver: PageDriver): TestPage {
  async function attempt(query: ElementQuery, action: InPageAction): Promise<InPageResult> {
    try {
      return JSON.parse((await driver.evaluateIsolated(actionSource(query, action))) as string) as InPageResult;
    } catch (cause) {
      // The page may be between two documents; the caller tries again until its time is over.
      return { type: 'not-yet', why: `the page did not answer: ${(cause as Error).message}` };
    }
  }

  async function act(query: ElementQuery, action: InPageAction, timeoutMs = defaultTimeoutMs) {
    let why = '';
    return poll(
      async () => {
        const result = await attempt(query, action);
        if (result.type !== 'not-yet') return result;
        why = result.why;
        return undefined;
      },
      timeoutMs,
      async () => `${describeQuery(query)}, ${action.type}: ${why}\n${await seen()}`,
    );
  }

  async function namesNow(role: string, name?: Name, options?: FindOptions): Promise<string[]> {
    const result = await attempt(toQuery(role, name, options), { type: 'names' });
    return result.type === 'names' ? result.names : [];
  }

  async function text(): Promise<string> {
    return (await driver.evaluateIsolated('document.body?.innerText ?? ""')) as string;
  }

  async function seen(): Promise<string> {
    try {
      return `The page ${await driver.url()} says:\n${(await text()).slice(0, 600)}`;
    } catch (cause) {
      return `The page could not be read: ${(cause as Error).message}`;
    }
  }

  async function waitForCount(present: boolean, role: string, name?: Name, options?: FindOptions) {
    await poll(
      async () => ((await namesNow(role, name, options)).length > 0 === present ? true : undefined),
      options?.timeoutMs ?? defaultTimeoutMs,
      async () => `${describeQuery(toQuery(role, name, options))} ${present ? 'did not come' : 'stayed'}\n${await seen()}`,
    );
  }

  return {
    url: driver.url,
    goto: driver.goto,
    async evaluate(code, ...args) {
      return (await driver.evaluate(toExpression(code, args))) as never;
    },
    async click(role, name, options) {
      const query = toQuery(role, name, options);
      const deadline = Date.now() + (options?.timeoutMs ?? defaultTimeoutMs);
      let last = '';
      for (;;) {
        // Twice the same place, some frames apart: it does not move any more.
        const point = await act(query, { type: 'point' }, deadline - Date.now());
        if (point.type !== 'point') throw new Error(`No point to click for ${describeQuery(query)}`);
        if (last === `${point.x},${point.y}`) return driver.mouseClick(point.x, point.y);
        last = `${point.x},${point.y}`;
        await sleep(80);
      }
    },
    async fill(label, value, options) {
      await act(toQuery('*field', label, options), { type: 'fill', value }, options?.timeoutMs);
    },
    async select(combobox, option, options) {
      await act(toQuery('combobox', combobox, options), { type: 'select', option }, options?.timeoutMs);
    },
    press: driver.pressKey,
    text,
    async waitForText(wanted, timeoutMs = defaultTimeoutMs) {
      await poll(
        async () => (contains(await text().catch(() => ''), wanted) ? true : undefined),
        timeoutMs,
        async () => `The text ${wanted} did not come.\n${await seen()}`,
      );
    },
    hasRole: async (role, name, options) => (await namesNow(role, name, options)).length > 0,
    waitForRole: (role, name, options) => waitForCount(true, role, name, options),
    waitForNoRole: (role, name, options) => waitForCount(false, role, name, options),
    names: (role, options) => namesNow(role, undefined, options),
    async screenshot(path, options = {}) {
      if (options.dark !== undefined) await driver.emulateDark(options.dark);
      if (options.width !== undefined || options.height !== undefined)
        await driver.setViewport(options.width ?? 1280, options.height ?? 800);
      writeFileSync(path, Buffer.from(await driver.capture(), 'base64'));
    },
    setViewport: driver.setViewport,
    emulateDark: driver.emulateDark,
    back: driver.back,
    async close() {
      if (await driver.isOpen()) await driver.close();
    },
    async waitForClose(timeoutMs = defaultTimeoutMs) {
      await poll(
        async () => ((await driver.isOpen()) ? undefined : true),
        timeoutMs,
        async () => `The page stayed open.\n${await seen()}`,
      );
    },
  };
}

/** Source text for a function with its arguments, or the expression itself. */
export function toExpression(code: string | ((...args: never[]) => unknown), args: unknown[]): string {
  if (typeof code === 'string') return code;
  return `(${code})(${args.map((arg) => (arg === undefined ? 'undefined' : JSON.stringify(arg))).join(', ')})`;
}

/** Whether a text contains a string or fits an expression. */
export function contains(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
