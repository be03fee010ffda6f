/** The Prompt API as pages see it: its shape, its members, its exceptions, against a backend that repeats what it is told. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { answerApproval, browserNames, type Oriel, openOriel } from './support/oriel';

/** What a page does, as source text: `session` is a fresh one where it is named. Resolves to what it returns, or to the error by name. */
async function run(page: TestPage, body: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    const describe = (error) => error instanceof Error || error instanceof DOMException
      ? { error: error.name, isDomException: error instanceof DOMException, message: error.message } : { reason: error };
    try {
      ${body.includes('session') ? 'const session = await LanguageModel.create();' : ''}
      ${body}
    } catch (error) { return describe(error); }
  })()`);
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let page: TestPage;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    page = await oriel.visit('prompt.localhost');
  });
  afterAll(() => oriel?.close());

  test('before a permission it is "downloadable", create() shows the card, and what it tells of progress is 0 and 1', async () => {
    expect(await run(page, 'return LanguageModel.availability()')).toBe('downloadable');
    await page.evaluate(`window.progress = []; window.made = LanguageModel.create({ monitor(m) {
      m.addEventListener('downloadprogress', (event) => progress.push([event.loaded, event.total, event.lengthComputable]));
    } }).then((session) => session.prompt('hello'), (error) => error.name); undefined`);
    await answerApproval(oriel.browser, 'Always allow');
    expect(await page.evaluate('window.made')).toBe('You said: hello');
    expect(await page.evaluate('window.progress')).toEqual([
      [0, 1, true],
      [1, 1, true],
    ]);
    expect(await run(page, 'return LanguageModel.availability()')).toBe('available');
  });

  test('its shape is the platform’s own', async () => {
    const shape = await run(
      page,
      `const of = (object, key) => { const d = Object.getOwnPropertyDescriptor(object, key); return d && {
        kind: 'value' in d ? typeof d.value : 'accessor', enumerable: d.enumerable, configurable: d.configurable,
        ...('value' in d && { writable: d.writable }), ...(typeof d.value === 'function' && { length: d.value.length, called: d.value.name }) }; };
      const P = LanguageModel.prototype;
      return {
        global: of(window, 'LanguageModel'), monitor: of(window, 'CreateMonitor'), quota: of(window, 'QuotaExceededError')?.kind,
        parent: Object.getPrototypeOf(LanguageModel) === EventTarget && Object.getPrototypeOf(P) === EventTarget.prototype,
        constructor: of(P, 'constructor'), tag: of(P, Symbol.toStringTag), name: P[Symbol.toStringTag],
        create: of(LanguageModel, 'create'), availability: of(LanguageModel, 'availability'), prototype: of(LanguageModel, 'prototype'),
        prompt: of(P, 'prompt'), promptStreaming: of(P, 'promptStreaming'), append: of(P, 'append'), clone: of(P, 'clone'),
        destroy: of(P, 'destroy'), measure: of(P, 'measureContextUsage'), usage: of(P, 'contextUsage'), window: of(P, 'contextWindow'),
        overflow: of(P, 'oncontextoverflow'), mode: of(P, 'samplingMode'),
        absent: ['params', 'topK', 'temperature', 'inputUsage', 'inputQuota', 'measureInputUsage', 'onquotaoverflow'].filter((key) => key in LanguageModel || key in P),
        getter: Object.getOwnPropertyDescriptor(P, 'contextUsage').get.name, setter: Object.getOwnPropertyDescriptor(P, 'oncontextoverflow').set.name,
        noSetter: Object.getOwnPropertyDescriptor(P, 'contextUsage').set === undefined,
      };`,
    );
    const method = (length: number, called: string) => ({
      kind: 'function',
      enumerable: true,
      configurable: true,
      writable: true,
      length,
      called,
    });
    const attribute = { kind: 'accessor', enumerable: true, configurable: true };
    expect(shape).toEqual({
      global: { kind: 'function', enumerable: false, configurable: true, writable: true, length: 0, called: 'LanguageModel' },
      monitor: { kind: 'function', enumerable: false, configurable: true, writable: true, length: 0, called: 'CreateMonitor' },
      quota: 'function',
      parent: true,
      constructor: {
        kind: 'function',
        enumerable: false,
        configurable: true,
        writable: true,
        length: 0,
        called: 'LanguageModel',
      },
      tag: { kind: 'string', enumerable: false, configurable: true, writable: false },
      name: 'LanguageModel',
      create: method(0, 'create'),
      availability: method(0, 'availability'),
      prototype: { kind: 'object', enumerable: false, configurable: false, writable: false },
      prompt: method(1, 'prompt'),
      promptStreaming: method(1, 'promptStreaming'),
      append: method(1, 'append'),
      clone: method(0, 'clone'),
      destroy: method(0, 'destroy'),
      measure: method(1, 'measureContextUsage'),
      usage: attribute,
      window: attribute,
      overflow: attribute,
      mode: attribute,
      absent: [],
      getter: 'get contextUsage',
      setter: 'set oncontextoverflow',
      noSetter: true,
    });
  });

  test('a session is a LanguageModel and an EventTarget that no page can construct', async () => {
    expect(
      await run(
        page,
        `return [session instanceof LanguageModel, session instanceof EventTarget, String(session), session.contextUsage,
          typeof session.contextWindow, session.oncontextoverflow, session.samplingMode, typeof session.topK]`,
      ),
    ).toEqual([true, true, '[object LanguageModel]', 0, 'number', null, 'balanced', 'undefined']);
    expect(await run(page, 'new LanguageModel()')).toMatchObject({ error: 'TypeError', message: 'Illegal constructor' });
    expect(await run(page, 'new CreateMonitor()')).toMatchObject({ error: 'TypeError' });
    expect(await run(page, 'LanguageModel()')).toMatchObject({ error: 'TypeError' });
  });

  test.each([
    [
      'create() and availability() work without their class',
      'const { create, availability } = LanguageModel; return [await availability(), String(await create())]',
      ['available', '[object LanguageModel]'],
    ],
    ['prompt() answers', 'return session.prompt("hi")', 'You said: hi'],
    [
      'promptStreaming() gives strings that add up',
      'let all = ""; for await (const chunk of session.promptStreaming("hi there")) all += chunk; return all',
      'You said: hi there',
    ],
    [
      'append() resolves to undefined',
      'return [await session.append("note") === undefined, session.contextUsage > 0]',
      [true, true],
    ],
    [
      'a clone goes on with what was said',
      'await session.append("note"); const clone = await session.clone(); return [clone.contextUsage === session.contextUsage, await clone.prompt("x")]',
      [true, 'You said: x'],
    ],
    [
      'anything that is not iterable is text',
      'return session.prompt({ role: "user", content: "x" })',
      'You said: [object Object]',
    ],
    ['null is text as well', 'return session.prompt(null)', 'You said: null'],
    [
      'a wrong receiver rejects',
      'const p = LanguageModel.prototype.prompt.call(null, "x"); return p.then(() => 0, (error) => [error instanceof TypeError, p instanceof Promise])',
      [true, true],
    ],
    [
      'two prompts at once are answered in order',
      'return Promise.all([session.prompt("a"), session.prompt("b")])',
      ['You said: a', 'You said: b'],
    ],
  ])('%s', async (_name, body, expected) => {
    expect(await run(page, body)).toEqual(expected);
  });
});
