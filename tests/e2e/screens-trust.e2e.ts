/** The screens of permissions, budgets and the vault as they are built: nothing wider than the window at 320 px, and nothing that axe finds, in light and dark. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { examine } from '../support/examine';
import { answerApproval, browserNames, delay, type Oriel, openOriel, settled, start } from './support/oriel';

/** How long an approval's buttons are dead, and the time in which they fade in. */
const inputDelay = 1200;
const derivation = 20_000;
const passphrase = 'maple-orbit-quill-tundra';
const moneyLine = { role: 'group', name: /^Free/ };

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'word '.repeat(20) });
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  const screen = (path: string) => oriel.browser.newPage(oriel.browser.extensionUrl(path));
  /** The card of a call, once its buttons live. */
  const card = async (heading: RegExp): Promise<TestPage> => {
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('heading', heading);
    await delay(inputDelay);
    return approval;
  };
  const sites = async (host: string) => {
    const page = await screen('options.html#sites');
    await page.waitForText(host);
    return page;
  };

  test('the budget of a site, changed on its card: the form, what it does not take, and the new limit', async () => {
    const site = await oriel.visit('card.localhost');
    const call = await start(site, { prompt: 'hello' }, { maxTokens: 40 });
    const approval = await card(/card\.localhost.* wants to use your AI/);
    await approval.click('button', 'Change who answers', { within: { role: 'group', name: /^Answered by/ } });
    await approval.click('combobox', 'Model');
    await approval.waitForRole('option', /test-model-large/);
    await delay(inputDelay);
    await examine(approval);
    // The list lies over what is below it.
    await approval.press('Escape');
    await approval.click('button', 'Change the budget', { within: moneyLine });
    await approval.fill('US dollars', 'much');
    await approval.click('button', 'Save');
    await approval.waitForText('This is not an amount.');
    await delay(inputDelay);
    await examine(approval);
    await approval.fill('US dollars', '0.25');
    await approval.fill('Tokens', '150');
    await approval.select('Period', 'A week');
    await approval.click('button', 'Save');
    await approval.waitForText(/Free\. Stops at 150 tokens a week/);
    await delay(inputDelay);
    await examine(approval);
    await approval.click('button', 'Always allow');
    await approval.waitForClose();
    expect(await settled(site, call)).toMatchObject({ state: 'resolved' });
    await site.close();
  });

  test('a used budget: the card about it, in its window and in the popup, and what the popup says after Stop', async () => {
    const site = await oriel.visit('card.localhost');
    const call = await start(site, { prompt: 'much' }, { maxTokens: 115 });
    const approval = await card(/has used this week's 150 tokens/);
    await approval.click('button', 'Show request');
    await approval.waitForText(/much/);
    await examine(approval);
    const popup = await oriel.popupOverLastTab();
    await popup.waitForRole('button', 'Add 150 tokens');
    await delay(inputDelay);
    await examine(popup);
    await popup.close();
    await approval.click('button', 'Stop');
    await approval.waitForClose();
    expect(await settled(site, call)).toMatchObject({ state: 'rejected', error: 'PAYMENT_REQUIRED' });
    const again = await start(site, { prompt: 'much' }, { maxTokens: 115 });
    const second = await card(/has used this week's 150 tokens/);
    await second.click('button', 'Stop');
    await second.waitForClose();
    expect(await settled(site, again)).toMatchObject({ state: 'rejected', error: 'PAYMENT_REQUIRED' });
    const after = await oriel.popupOverLastTab();
    await after.waitForText(/This week: \d+ tokens of 150 tokens used/);
    await after.waitForText(/You said Stop\./);
    await examine(after);
    await after.click('button', 'Add 150 tokens');
    await after.waitForText(/This week: \d+ tokens of 300 tokens used/);
    await after.close();
    await site.close();
  });

  test('the budgets of a site and of all sites in Settings', async () => {
    const page = await sites('card.localhost');
    for (const title of [/^Budget of .*card\.localhost/, 'Budget of all sites together']) {
      await page.click('button', 'Edit budget', { within: { role: 'group', name: title } });
      await page.waitForRole('dialog', title);
      await page.fill('US dollars', '');
      await page.fill('Tokens', '');
      await page.click('button', 'Save');
      await page.waitForText('Enter dollars or tokens.');
      await examine(page);
      await page.click('button', 'Cancel');
    }
    await page.close();
  });

  test('the rules of a site, with another model for one it asks for, and its card in "ask every time"', async () => {
    const second = 'A second server with quite a long name';
    await oriel.connect({ name: second });
    const page = await sites('card.localhost');
    await page.click('button', 'Rules');
    await page.waitForRole('dialog', /^Rules for/);
    await page.click('combobox', 'Model');
    await page.waitForRole('option', /test-model-large/);
    await examine(page);
    await page.press('Escape');
    await page.click('checkbox', 'Ask every time');
    await page.select('Add a connection', second);
    await page.click('button', 'Models the site asks for');
    await page.fill('When it asks for', 'a-model-with-a-long-name-2026-11-24-preview');
    await page.click('button', 'Add');
    await page.waitForText(/a-model-with-a-long-name-2026-11-24-preview → /);
    await examine(page);
    await page.click('button', 'Save');
    await page.waitForText(/Ask every time/);
    await examine(page);
    await page.close();

    const site = await oriel.visit('card.localhost');
    const call = await start(site, {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello' },
      ],
    });
    const approval = await card(/wants to use your AI/);
    await approval.waitForText(/Be brief/);
    await examine(approval);
    await approval.click('button', 'Edit');
    await approval.waitForRole('textbox', 'System');
    await examine(approval);
    await approval.click('button', "Don't allow");
    await approval.waitForClose();
    expect(await settled(site, call)).toMatchObject({ state: 'rejected' });
    await site.close();
  });

  test('a request that seems to hold a key, then the site that was refused too often', async () => {
    const site = await oriel.visit('pushy.localhost');
    const first = await start(site, { prompt: 'Keep this: sk-proj-Zx81mQ7vTq2LrY5nWc9bKe3uHd6s' });
    const approval = await card(/wants to use your AI/);
    await approval.waitForText(/This request seems to hold a key\./);
    await examine(approval);
    await approval.click('button', "Don't allow");
    await approval.waitForClose();
    await settled(site, first);
    const refused = await oriel.popupOverLastTab();
    await refused.waitForRole('button', 'Ask again');
    await examine(refused);
    await refused.click('button', 'Ask again');
    await refused.close();
    for (const _ of [1, 2, 3]) await start(site, { prompt: 'please' });
    for (const _ of [1, 2, 3]) {
      const pressed = await card(/wants to use your AI/);
      await pressed.click('button', "Don't allow");
    }
    const muted = await oriel.popupOverLastTab();
    await muted.waitForText(/Muted until/);
    await examine(muted);
    await muted.click('button', 'Block');
    await muted.waitForRole('button', 'Unblock');
    await examine(muted);
    await muted.close();
    const page = await sites('pushy.localhost');
    await page.waitForRole('button', 'Unblock');
    await examine(page);
    await page.close();
    await site.close();
  });

  test('Security, with each of its dialogs, without a passphrase and with one', async () => {
    const page = await screen('options.html#security');
    await page.click('button', 'Import');
    await page.waitForRole('dialog');
    await examine(page);
    await page.press('Escape');
    await page.click('button', 'Export');
    await page.waitForRole('dialog');
    await examine(page);
    await page.press('Escape');
    await page.click('button', 'Set passphrase');
    await page.fill('New passphrase', 'short');
    await page.click('button', 'Set passphrase', { within: { role: 'dialog' } });
    await page.waitForText(/Use at least/);
    await examine(page);
    await page.click('button', 'Suggest one');
    await page.waitForText(/bits of chance/);
    await examine(page);
    await page.fill('New passphrase', passphrase);
    await page.fill('Repeat it', passphrase);
    await page.click('button', 'Set passphrase', { within: { role: 'dialog' } });
    await page.waitForRole('button', 'Lock now', { timeoutMs: derivation });
    await examine(page);
    for (const button of ['Change', 'Remove']) {
      await page.click('button', button);
      await page.waitForRole('dialog');
      await examine(page);
      await page.press('Escape');
    }
    await page.close();
  });

  test('all that is shown while it is locked', { timeout: 120_000 }, async () => {
    const page = await screen('options.html#security');
    await page.click('button', 'Lock now');
    await page.waitForRole('heading', 'Unlock Oriel');
    await page.fill('Passphrase', 'not the passphrase');
    await page.click('button', 'Unlock');
    await page.waitForText('That is not the passphrase.', derivation);
    await examine(page);
    await page.click('button', 'Forgot your passphrase?');
    await page.waitForRole('dialog');
    await examine(page);
    await page.close();
    const popup = await oriel.popup();
    await popup.waitForRole('heading', 'Unlock Oriel');
    await examine(popup);
    await popup.close();
    const site = await oriel.visit('locked.localhost');
    const call = await start(site, { prompt: 'hello' });
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForRole('heading', 'Unlock Oriel');
    await examine(approval);
    await approval.fill('Passphrase', passphrase);
    await approval.click('button', 'Unlock');
    await approval.waitForRole('button', 'Always allow', { timeoutMs: derivation });
    await answerApproval(oriel.browser, "Don't allow");
    expect(await settled(site, call)).toMatchObject({ state: 'rejected' });
    await site.close();
  });
});
