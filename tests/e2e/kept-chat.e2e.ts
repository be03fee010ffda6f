/** A conversation that is kept: it comes back with the panel, lies on the disk only encrypted, and goes when the person takes that back. */

import { expect, test } from 'vitest';
import { examine } from '../support/examine';
import { browserNames, openOriel, until } from './support/oriel';
import { bystander, dumpStorage } from './support/own-page';

test.each(browserNames)('%s', async (name) => {
  const oriel = await openOriel(name, { answer: () => 'SPOKEN words' });
  try {
    await oriel.connect();
    const own = await bystander(oriel);
    const open = () => oriel.browser.newPage(oriel.browser.extensionUrl('sidepanel.html'));
    const chats = () =>
      own.evaluate(async () => {
        const request = indexedDB.open('oriel');
        await new Promise((resolve) => request.addEventListener('success', resolve));
        const count = request.result.transaction('chats').objectStore('chats').count();
        await new Promise((resolve) => count.addEventListener('success', resolve));
        request.result.close();
        return count.result;
      });
    const chat = await open();
    await chat.fill('Message', 'ASKED once');
    await chat.click('button', 'Send');
    await chat.waitForText('SPOKEN words');
    expect(await chats()).toBe(0);
    await chat.click('button', 'Keep');
    await until(async () => (await chats()) === 1);
    await examine(chat);
    await chat.close();
    const { lasting, session } = await dumpStorage(own);
    for (const word of ['ASKED once', 'SPOKEN words']) expect(lasting + session).not.toContain(word);

    const again = await open();
    await again.waitForText('SPOKEN words');
    await again.click('button', 'Keep');
    await until(async () => (await chats()) === 0);
    await again.close();
    const last = await open();
    await last.waitForText(/Ask test-model/);
    expect(await last.text()).not.toContain('SPOKEN');
  } finally {
    await oriel.close();
  }
});
