/**
 * SillyTavern from npm's registry with the extension of `adapters/sillytavern/` in it: its own page, its own server, its own code; a person's Oriel in the
 * browser. What is pressed is what its README tells people to press. Its adapter without it: tests/adapters/sillytavern.test.ts.
 */

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, type TestPage } from '../support/browser';
import { serveBranch } from '../support/git-server';
import { missingSillyTavern, type SillyTavern, startSillyTavern } from '../support/sillytavern';
import { answerApproval, browserNames, delay, type Oriel, openOriel, until } from './support/oriel';
import { type OfPage, openTavern, otherExtension } from './support/tavern';

declare const window: OfPage;

const missing = missingSillyTavern();

const image =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let tavern: SillyTavern;
  let page: TestPage;

  beforeAll(async () => {
    if (missing !== undefined) return;
    tavern = await startSillyTavern('adapters/sillytavern');
    oriel = await openOriel(name, { models: ['tavern-model'] });
    await oriel.connect();
    page = await openTavern(oriel.browser, tavern.origin);
  }, 300_000);
  afterAll(async () => {
    await oriel?.close();
    tavern?.close();
  });
  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing);
  });

  const bodies = () => oriel.backend.chats as unknown as Record<string, unknown>[];
  const said = () => page.evaluate(() => window.SillyTavern.getContext().chat.map(({ is_user, mes }) => [is_user, mes] as const));
  const answers = async () => (await said()).filter(([isUser]) => !isUser).map(([, text]) => text);
  const shown = () =>
    page.evaluate<string[], []>(
      "[...document.querySelectorAll('#chat .mes[is_user=false] .mes_text')].map((one) => one.innerText)",
    );
  const toasts = (from = page) => from.evaluate<string, []>("document.querySelector('#toast-container')?.innerText ?? ''");
  const send = async (text: string) => {
    await until(() => page.evaluate<boolean, []>("document.body.dataset.generating !== 'true'"));
    await page.evaluate((typed: string) => window.$('#send_textarea').val(typed).trigger('input'), text);
    const isTaken = async () => (await page.evaluate<string, []>("document.querySelector('#send_textarea').value")) === '';
    // Its button is there again before it has done with the last answer, and does nothing until then.
    do await page.click('button', 'Send a message');
    while (!(await until(isTaken, 1000).catch(() => false)));
  };

  test('"Connect" asks the person in Oriel, and then lists what answers', async () => {
    await page.click('button', 'Connect');
    await answerApproval(oriel.browser, 'Always allow');
    await page.waitForText('Valid');
    expect(
      await page.evaluate("[...document.querySelectorAll('#model_custom_select option')].map(({ value }) => value)"),
    ).toEqual(['', 'tavern-model']);
    expect(await page.evaluate("document.querySelector('#custom_model_id').value")).toBe('tavern-model');
    await page.click('button', 'API Connections', { nth: 0 });
  });

  test('a message is answered with its samplers; there is no message of the model’s before its first word, and then it grows', async () => {
    let begin: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      begin = resolve;
    });
    oriel.backend.set({
      chunkDelayMs: 150,
      answer: async () => {
        await held;
        return 'Well met, traveller of the long road.';
      },
    });
    await page.evaluate(() => {
      for (const [id, value] of [
        ['temp', 0.6],
        ['top_p', 0.9],
        ['freq_pen', 0.2],
        ['pres_pen', 0.3],
      ] as const)
        window.$(`#${id}_openai`).val(value).trigger('input');
      window.$('#openai_max_tokens').val(222).trigger('input');
    });
    await send('Good evening');
    await until(async () => bodies().length === 1);
    await delay(500);
    // What its page says by itself at the beginning is gone by now.
    expect(await shown()).toEqual([]);
    begin();
    const seen = new Set<string>();
    await until(async () => {
      const last = (await shown()).at(-1);
      if (last !== undefined) seen.add(last);
      return last === 'Well met, traveller of the long road.';
    });
    expect(seen.has('')).toBe(false);
    expect(seen.size).toBeGreaterThan(2);
    expect(bodies()[0]).toMatchObject({
      stream: true,
      temperature: 0.6,
      top_p: 0.9,
      frequency_penalty: 0.2,
      presence_penalty: 0.3,
      max_tokens: 222,
    });
    expect(JSON.stringify(bodies()[0])).toContain('Good evening');
    expect(tavern.said()).not.toContain('oriel.invalid');
  });

  test('a model’s name of another time is not asked for, and stop strings and additional samplers are', async () => {
    oriel.backend.set({ chunkDelayMs: 0, answer: () => 'Short.', extraFields: ['top_k', 'min_p'] });
    await page.evaluate(() => {
      window.$('#custom_model_id').val('gpt-4o').trigger('input');
      Object.assign(window.SillyTavern.getContext().chatCompletionSettings, {
        custom_include_body: 'top_k: 40\nmin_p: 0.1',
        custom_exclude_body: '- presence_penalty',
      });
    });
    await page.evaluate("SillyTavern.getContext().powerUserSettings.custom_stopping_strings = JSON.stringify(['HALT'])");
    const before = bodies().length;
    await send('And again');
    await until(async () => (await answers()).at(-1) === 'Short.');
    expect(bodies()).toHaveLength(before + 1);
    expect(bodies().at(-1)).toMatchObject({ model: 'tavern-model', stop: ['HALT'] });
    expect(bodies().at(-1)).not.toHaveProperty('presence_penalty');
    await page.evaluate(() => {
      window.$('#custom_model_id').val('tavern-model').trigger('input');
      Object.assign(window.SillyTavern.getContext().chatCompletionSettings, { custom_include_body: '', custom_exclude_body: '' });
    });
  });

  test('its Stop stops the backend: before the first word no message is left, after it what had come', async () => {
    let isHeld = true;
    oriel.backend.set({ chunkDelayMs: 100, answer: () => (isHeld ? new Promise(() => undefined) : 'word '.repeat(200)) });
    const before = (await answers()).length;
    const stopped = async () => {
      const request = oriel.backend.fault.requests.at(-1);
      await page.click('button', 'Abort request');
      await until(async () => request?.socket.closedBy === 'client');
    };
    const asked = bodies().length;
    await send('Wait');
    await until(async () => bodies().length > asked);
    await stopped();
    await delay(500);
    expect(await answers()).toHaveLength(before);
    isHeld = false;
    await send('Now talk');
    await until(async () => ((await answers()).at(-1) ?? '').split(' ').length > 4 && (await answers()).length > before);
    await stopped();
    await delay(500);
    const last = (await answers()).at(-1) ?? '';
    expect(last).toMatch(/^word word/);
    expect(last.length).toBeLessThan('word '.repeat(200).length / 2);
  });

  test('what Oriel says when it cannot is what SillyTavern shows, and no empty message stays', async () => {
    const before = (await answers()).length;
    oriel.backend.set({ models: ['another'] });
    oriel.backend.hold(() => [{ type: 'status', code: 500 }, { type: 'end' }]);
    await send('Are you there?');
    await until(async () => /cannot be used just now|could not answer|went wrong/.test(await toasts()), 60_000);
    expect(await answers()).toHaveLength(before);
    oriel.backend.hold(undefined);
    oriel.backend.set({ models: ['tavern-model'] });
  }, 90_000);

  test('its tools are called, and what they say goes back to the model', async () => {
    oriel.backend.set({
      chunkDelayMs: 0,
      answer: ({ messages }) =>
        messages.some(({ role }) => role === 'tool')
          ? 'You rolled a four.'
          : { toolCalls: [{ name: 'RollTheDice', arguments: { sides: 6 } }] },
    });
    await page.evaluate(() => {
      const context = window.SillyTavern.getContext();
      context.chatCompletionSettings.function_calling = true;
      context.registerFunctionTool({
        name: 'RollTheDice',
        displayName: 'Dice',
        description: 'Rolls a die',
        parameters: { type: 'object', properties: { sides: { type: 'number' } }, required: ['sides'] },
        action: ({ sides }: { sides: number }) => `rolled 4 of ${sides}`,
        formatMessage: () => '',
      });
    });
    await send('Roll for me');
    await answerApproval(oriel.browser, 'Always allow');
    await until(async () => (await answers()).at(-1) === 'You rolled a four.', 20_000);
    const { tools, messages } = oriel.backend.chats.at(-1) ?? {};
    expect(tools).toMatchObject([{ type: 'function', function: { name: 'RollTheDice' } }]);
    expect(messages?.find(({ role }) => role === 'tool')?.content).toBe('rolled 4 of 6');
  });

  test('images go along, as its extensions send them, and so do requests that do not stream', async () => {
    oriel.backend.set({ answer: () => 'A single dot.' });
    await page.click('button', 'API Connections', { nth: 0 });
    await page.evaluate((url: string) => {
      const content = [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url } },
      ];
      const { ChatCompletionService } = window.SillyTavern.getContext();
      const asked = {
        chat_completion_source: 'custom',
        custom_url: 'https://oriel.invalid/v1',
        model: 'tavern-model',
        max_tokens: 50,
        stream: false,
      };
      Object.assign(window, {
        seen: undefined,
      });
      ChatCompletionService.processRequest({ ...asked, messages: [{ role: 'user', content }] }, {}).then(
        (answer) => Object.assign(window, { seen: answer.content }),
        (error) => Object.assign(window, { seen: String(error) }),
      );
    }, image);
    await answerApproval(oriel.browser, 'Always allow');
    await until(async () => (await page.evaluate<string | undefined, []>('window.seen')) === 'A single dot.');
    expect(JSON.stringify(oriel.backend.chats.at(-1)?.messages)).toContain(image);
  });

  test('messages that SillyTavern’s server merges reach the model merged', async () => {
    oriel.backend.set({ answer: () => 'Merged.' });
    await page.evaluate(() => window.$('#custom_prompt_post_processing').val('strict').trigger('change'));
    await page.click('button', 'API Connections', { nth: 0 });
    await send('Strictly');
    await until(async () => (await answers()).at(-1) === 'Merged.', 20_000);
    const roles = oriel.backend.chats.at(-1)?.messages.map(({ role }) => role) ?? [];
    expect(roles.every((role, index) => index === 0 || role !== roles[index - 1])).toBe(true);
  });

  test('with another address its own server is asked, and Oriel is not', async () => {
    oriel.backend.set({ answer: () => 'By the other way.' });
    const last = () => oriel.backend.fault.requests.at(-1)?.headers ?? {};
    // Browsers say this of each of their requests.
    expect(last()).toHaveProperty('sec-fetch-mode', 'cors');
    const address = (url: string) =>
      page.evaluate((typed: string) => window.$('#custom_api_url_text').val(typed).trigger('input'), url);
    await address(oriel.backend.baseUrl);
    await send('Who answers?');
    await until(async () => (await answers()).at(-1) === 'By the other way.');
    expect(last()).not.toHaveProperty('sec-fetch-site');
    await address('https://oriel.invalid/v1');
  });

  test('without Oriel in the browser the person is told so', async () => {
    const extension = otherExtension();
    const other = await launchBrowser(name, { extension });
    try {
      const lone = await openTavern(other, tavern.origin);
      await lone.click('button', 'Connect');
      await until(async () => /Oriel is not in this browser, or may not run on this site/.test(await toasts(lone)));
    } finally {
      await other.close();
      rmSync(extension, { recursive: true });
    }
  });

  test('after Oriel’s refusal of a site that came unencrypted, the person is told why', async () => {
    const plain = await openTavern(oriel.browser, tavern.origin.replace('127.0.0.1', 'tavern.test'));
    await plain.click('button', 'Connect');
    await until(async () => /Oriel answers SillyTavern over https/.test(await toasts(plain)));
    await plain.close();
  });
});

test('it is installed from a Git URL and its branch, and then connects', async ({ skip }) => {
  if (missing !== undefined) skip(missing);
  const git = await serveBranch('adapters/sillytavern', 'sillytavern');
  const tavern = await startSillyTavern();
  const oriel = await openOriel('chromium', { models: ['tavern-model'] });
  try {
    await oriel.connect();
    const before = await openTavern(oriel.browser, tavern.origin);
    await before.evaluate("document.getElementById('third_party_extension_button').click()");
    await until(() => before.evaluate<boolean, []>("document.querySelector('#extension_branch_name') !== null"));
    await before.evaluate((url: string) => {
      window.$('dialog[open] .popup-input').val(url).trigger('input');
      window.$('#extension_branch_name').val('sillytavern').trigger('input');
    }, git.url);
    await before.evaluate("document.querySelector('dialog[open] .popup-button-ok').click()");
    // It asks once more before it trusts a stranger's code.
    const second =
      "document.querySelector('dialog[open]:not([closing])')?.innerText.includes('Install a third-party extension?') === true";
    await until(() => before.evaluate<boolean, []>(second));
    await before.evaluate("document.querySelector('dialog[open]:not([closing]) .popup-button-ok').click()");
    await before.waitForText(/has been installed successfully/, 30_000);
    await before.close();
    const page = await openTavern(oriel.browser, tavern.origin);
    await page.click('button', 'Connect');
    await answerApproval(oriel.browser, 'Always allow');
    await page.waitForText('Valid');
  } finally {
    await oriel.close();
    tavern.close();
    git.close();
  }
}, 300_000);
