/** A disk that is full: the profile lies on a small file system of its own, which is filled to its last byte. */

import { describe, expect, test } from 'vitest';
import { openDisk } from './support/disk';
import { answerApproval, browserNames, type Call, delay, openOriel, settled, start } from './support/oriel';

const noRoom = 'There is no room left to save anything';
/**
 * What a call comes to that nobody bills. Firefox reads on; Chromium opens no database from the first write on that does not fit, which is the first
 * or a later one.
 */
const outcomes = {
  firefox: /^resolved(, resolved){5}$/,
  chromium:
    /^(resolved, )*rejected MODEL_REJECTED_REQUEST: 500: Something went wrong\.(, rejected MODEL_REJECTED_REQUEST: 500: Something went wrong\.)*$/,
};
/** The disk was freed by as much as the browser itself removes when its background dies. */
const late = { firefox: /^resolved$/, chromium: /^(resolved|rejected MODEL_REJECTED_REQUEST: 500: Something went wrong\.)$/ };

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
        const said = ({ state, error }: Call) => `${state}${error === undefined ? '' : ` ${error}`}`;
        const states: string[] = [];
        for (let count = 0; count < 6; count += 1) {
          disk.fill();
          states.push(said(await call()));
        }
        expect(states.join(', ')).toMatch(outcomes[name]);
        const told = await screen('options.html#connections');
        expect(told).toContain(noRoom);
        expect(told).not.toContain('Start anew');
        expect(await screen('popup.html')).toContain(noRoom);
        await oriel.browser.killBackground();
        disk.fill();
        expect(said(await call())).toMatch(late[name]);
        // Where what a site may do can be read there is a card, the first thing that this background shows. It was blank once.
        if (name === 'firefox') {
          await oriel.browser.killBackground();
          disk.fill();
          const fresh = await oriel.visit('fresh.localhost');
          const asked = await start(fresh, { prompt: 'hello' });
          await answerApproval(oriel.browser, 'Allow this visit');
          expect(said(await settled(fresh, asked, 30_000))).toBe('resolved');
        }
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
