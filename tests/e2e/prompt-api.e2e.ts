/** The Prompt API as pages see it: its shape, its members, its exceptions, against a backend that repeats what it is told. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { answerApproval, browserNames, type Oriel, openOriel } from './support/oriel';

/** What a page does, as source text: `session` is a fresh one where it is named. Resolves to what it returns, or to the error by name. */
async function run(page: TestPage, body: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    const describe = (error) => error instanceof Error || error instanceof DOMException
      ? { error: error.name, isDomException: error instanceof DOMException, message: error.message } : { reason: error };
    const work = async () => {
      ${/\bsession\b/.test(body) ? 'const session = await LanguageModel.create();' : ''}
      ${body}
    };
    return work().catch(describe);
  })()`);
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let page: TestPage;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    oriel.pages.page('/plain', 'A page');
    oriel.pages.page(
      '/inner',
      `<script>(async () => {
        const answers = [await LanguageModel.availability().catch((error) => error.name), await LanguageModel.create().then(() => 'made', (error) => error.name)];
        parent.postMessage(answers, '*');
      })()</script>`,
    );
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
        own: Object.getOwnPropertyNames(LanguageModel).sort(),
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
      own: ['availability', 'create', 'length', 'name', 'prototype'],
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

  test.each<[string, string, unknown]>([
    [
      'an abort is the reason, and the session goes on',
      'const a = new AbortController(); const p = session.prompt("x", { signal: a.signal }); a.abort("enough"); return [await p.catch((e) => e), await session.prompt("y")]',
      ['enough', 'You said: y'],
    ],
    [
      'an aborted stream errs with it',
      'const a = new AbortController(); const r = session.promptStreaming("x", { signal: a.signal }).getReader(); a.abort(); return r.read().then(() => 0, (e) => e.name)',
      'AbortError',
    ],
    [
      'an aborted signal makes promptStreaming() throw',
      'session.promptStreaming("x", { signal: AbortSignal.abort() })',
      { error: 'AbortError', isDomException: true },
    ],
    [
      'a cancelled stream leaves the session as it was',
      'await session.promptStreaming("x").cancel(); return [session.contextUsage, await session.prompt("y")]',
      [0, 'You said: y'],
    ],
    [
      'a destroyed session is an InvalidStateError',
      'session.destroy(); return session.prompt("x")',
      { error: 'InvalidStateError', isDomException: true },
    ],
    [
      'destroying rejects what runs',
      'const p = session.prompt("x"); session.destroy(); return p',
      { error: 'InvalidStateError' },
    ],
    [
      'the signal of create() destroys',
      'const a = new AbortController(); const s = await LanguageModel.create({ signal: a.signal }); a.abort(); return s.prompt("x")',
      { error: 'AbortError' },
    ],
    ['no argument is a TypeError', 'return session.prompt()', { error: 'TypeError', isDomException: false }],
    ['a symbol is a TypeError', 'return session.prompt(Symbol())', { error: 'TypeError' }],
    ['an unknown role is a TypeError', 'return session.prompt([{ role: "robot", content: "x" }])', { error: 'TypeError' }],
    [
      'a late system prompt is a TypeError',
      'await session.append("x"); return session.prompt([{ role: "system", content: "x" }])',
      { error: 'TypeError' },
    ],
    [
      'a prefix of the user is a SyntaxError',
      'return session.prompt([{ role: "user", content: "x", prefix: true }])',
      { error: 'SyntaxError', isDomException: true },
    ],
    [
      'a text that is an object is a SyntaxError',
      'return session.prompt([{ role: "user", content: [{ type: "text", value: new Image() }] }])',
      { error: 'SyntaxError', isDomException: true },
    ],
    [
      'an image that is not expected is a NotSupportedError',
      'return session.prompt([{ role: "user", content: [{ type: "image", value: new Image() }] }])',
      { error: 'NotSupportedError', isDomException: true },
    ],
    [
      'a wrong language tag is a RangeError',
      'return LanguageModel.create({ expectedInputs: [{ type: "text", languages: ["en_US"] }] })',
      { error: 'RangeError', isDomException: false },
    ],
    [
      'a language that nobody can name is a NotSupportedError',
      'return LanguageModel.create({ expectedInputs: [{ type: "text", languages: ["unk"] }] })',
      { error: 'NotSupportedError' },
    ],
    [
      'a sampling mode that is none is a TypeError',
      'return LanguageModel.create({ samplingMode: "wild" })',
      { error: 'TypeError' },
    ],
    [
      'samplers of extensions are ignored',
      'const s = await LanguageModel.create({ topK: -2, temperature: "x" }); return [s.samplingMode, typeof s.topK]',
      ['balanced', 'undefined'],
    ],
    [
      'tools without an output for them are a TypeError',
      'return LanguageModel.create({ tools: [{ name: "n", description: "d", inputSchema: { type: "object" } }] })',
      { error: 'TypeError' },
    ],
    [
      'a constraint with a cycle is a NotSupportedError',
      'const c = {}; c.c = c; return session.prompt("x", { responseConstraint: c })',
      { error: 'NotSupportedError' },
    ],
    [
      'an omission without a constraint is a TypeError',
      'return session.prompt("x", { omitResponseConstraintInput: true })',
      { error: 'TypeError' },
    ],
    [
      'too much is a QuotaExceededError with its numbers',
      'const text = "sun ".repeat(session.contextWindow + 4); const usage = await session.measureContextUsage(text); return session.prompt(text).catch((e) => [e.name, e.code, e.constructor === QuotaExceededError, e instanceof DOMException, e.quota === session.contextWindow, e.requested === usage])',
      ['QuotaExceededError', 22, true, true, true, true],
    ],
    [
      'usage is what was measured',
      'const before = await session.measureContextUsage("some words"); const reply = await session.prompt("some words"); return session.contextUsage - before - await session.measureContextUsage(reply)',
      0,
    ],
    [
      'an overflow drops the oldest pair and tells',
      'const heard = new Promise((resolve) => { session.oncontextoverflow = resolve; }); await session.prompt("word ".repeat(100)); await session.prompt("word ".repeat(100).repeat(session.contextWindow / session.contextUsage)); const event = await heard; return [event.type, event.bubbles, session.contextUsage <= session.contextWindow]',
      ['contextoverflow', false, true],
    ],
    [
      'availability() ignores what create() alone takes',
      'const system = { role: "system", content: "x" }; return LanguageModel.availability({ initialPrompts: [system, system], signal: 1, monitor: 2 })',
      'available',
    ],
    [
      'a tool result is what was passed',
      'const r = new LanguageModelToolSuccess({ callID: "c", name: "n", result: [{ type: "text", value: 1 }] }); return [String(r), r.callID, r.name, r.result[0].value]',
      ['[object LanguageModelToolSuccess]', 'c', 'n', 1],
    ],
  ])('%s', async (_name, body, expected) => {
    const told = await run(page, body);
    if (typeof expected === 'object' && !Array.isArray(expected)) expect(told).toMatchObject(expected as object);
    else expect(told).toEqual(expected);
  });

  test('10,000 calls of availability() take at most 0.05 ms each, and no message', async () => {
    const each = await run(
      page,
      `const options = { expectedInputs: [{ type: 'text', languages: ['en', 'ja'] }] };
      await LanguageModel.availability(options);
      const begun = performance.now();
      for (let count = 0; count < 10000; count += 1) await LanguageModel.availability(options);
      return (performance.now() - begun) / 10000;`,
    );
    console.log(`${name}: availability() ${String(each)} ms`);
    expect(each).toBeLessThanOrEqual(0.05);
  });

  test('a document that is gone is an InvalidStateError of its own realm', async () => {
    expect(
      await run(
        page,
        `const frame = document.body.appendChild(document.createElement('iframe'));
        frame.src = '/plain';
        await new Promise((resolve) => { frame.onload = resolve; });
        const { LanguageModel: Inner, DOMException: InnerException } = frame.contentWindow;
        const there = Inner !== LanguageModel && await Inner.availability();
        frame.remove();
        const names = [];
        // A promise of a window that is gone calls back; to await it takes a job of that window, which Firefox does not run any more.
        const told = (promise) => new Promise((resolve) => promise.then(resolve, (error) => resolve([error.name, error instanceof InnerException])));
        for (const call of [() => Inner.availability(), () => Inner.create()]) names.push(...(await told(call())));
        return [there, ...names];`,
      ),
    ).toEqual(['available', 'InvalidStateError', true, 'InvalidStateError', true]);
  });

  test('pictures of every kind reach the backend as PNG', async () => {
    await page.evaluate(`window.eyes = LanguageModel.create({ expectedInputs: [{ type: 'image' }] }); undefined`);
    await answerApproval(oriel.browser, 'Always allow');
    const kinds = await run(
      page,
      `const seeing = await window.eyes;
      const canvas = document.createElement('canvas');
      canvas.width = 40; canvas.height = 20;
      canvas.getContext('2d').fillRect(2, 2, 20, 10);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve));
      const bitmap = await createImageBitmap(canvas);
      const bytes = await blob.arrayBuffer();
      const padded = new Uint8Array(bytes.byteLength + 7); padded.set(new Uint8Array(bytes), 7);
      const image = new Image(); image.src = URL.createObjectURL(blob);
      const off = new OffscreenCanvas(8, 8); off.getContext('2d').fillRect(0, 0, 4, 4);
      const frame = new VideoFrame(bitmap, { timestamp: 0 });
      const all = { canvas, blob, bitmap, bytes, view: padded.subarray(7), data: new DataView(bytes), image, off, frame, pixels: new ImageData(4, 4) };
      const told = {};
      for (const [kind, value] of Object.entries(all)) {
        const asked = seeing.prompt([{ role: 'user', content: [{ type: 'text', value: kind }, { type: 'image', value }] }]);
        if (kind === 'frame') frame.close();
        told[kind] = await asked.catch((error) => error.name + ': ' + error.message);
      }
      told.bad = await seeing.prompt([{ role: 'user', content: [{ type: 'image', value: new Blob(['no image']) }] }]).catch((error) => error.name);
      return told;`,
    );
    const names = ['canvas', 'blob', 'bitmap', 'bytes', 'view', 'data', 'image', 'off', 'frame', 'pixels'];
    expect(kinds).toEqual({ ...Object.fromEntries(names.map((kind) => [kind, `You said: ${kind}`])), bad: 'InvalidStateError' });
    const sent = JSON.stringify(oriel.backend.chats.at(-1));
    expect(sent.match(/data:image\/png;base64,iVBOR/g)).toHaveLength(names.length);
  });

  test('a frame of another site has no language models unless it is let', async () => {
    const asked = await run(
      page,
      `const ask = async (allow) => {
        const frame = document.createElement('iframe');
        if (allow) frame.allow = allow;
        frame.src = '${oriel.pages.url('/inner', 'inner.localhost')}';
        document.body.append(frame);
        return new Promise((resolve) => addEventListener('message', (event) => { frame.remove(); resolve(event.data); }, { once: true }));
      };
      return [await ask(), await ask('language-model')]`,
    );
    const none = ['unavailable', 'NotAllowedError'];
    // Firefox tells a page nothing of such a permission.
    expect(asked).toEqual([none, name === 'chromium' ? ['downloadable', 'NotAllowedError'] : none]);
  });
});
