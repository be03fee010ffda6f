/** A disk that is full: the profile lies on a small file system of its own, which is filled to its last byte. */

import { describe, expect, test } from 'vitest';
import { openDisk } from './support/disk';
import { browserNames, delay, openOriel, settled, start } from './support/oriel';

const noRoom = 'There is no room left to save anything';

describe.each(browserNames)('%s', (name) => {
  test('T106 on a full disk every call settles, the person is told, nothing is lost, and with room again the next call works', {
    timeout: 240_000,
  }, async ({ skip }) => {
    const disk = openDisk(300);
    if (!disk) return skip('only root may mount a file system that is small');
    try {
      const oriel = await openOriel(name, {}, { profile: disk.profile, rawLifetime: true });
      const screen = async (path: string, isFull = true) => {
        // Firefox sometimes leaves some room by itself.
        if (isFull) disk.fill();
        const page = await oriel.browser.newPage(oriel.browser.extensionUrl(path));
        await delay(1000);
        const text = await page.text();
        await page.close();
        return text;
      };
      try {
        await oriel.connect();
        await oriel.grant();
        const page = await oriel.visit('localhost');
        const call = async () => settled(page, await start(page, { prompt: 'hello' }), 30_000);
        const states: string[] = [];
        for (let count = 0; count < 6; count += 1) {
          disk.fill();
          const { state, error = '' } = await call();
          states.push(`${state} ${error}`);
        }
        console.log(`${name}: ${JSON.stringify(states)}`);
        const told = await screen('options.html#connections');
        console.log(told.slice(0, 400));
        expect(told).toContain(noRoom);
        expect(told).not.toContain('Start anew');
        expect(await screen('popup.html')).toContain(noRoom);
        await oriel.browser.killBackground();
        disk.fill();
        const late = await call();
        console.log(`${name}: after a death ${late.state} ${late.error ?? ''}`);
        disk.makeRoom();
        expect(await call()).toMatchObject({ state: 'resolved' });
        const after = await screen('options.html#connections', false);
        expect(after).toContain('My server');
        expect(after).not.toContain(noRoom);
      } finally {
        await oriel.close();
      }
    } finally {
      disk.close();
    }
  });
});
