/** A disk that is full: the profile lies on a small file system of its own, which is filled to its last byte. */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerApproval, browserNames, openOriel, settled, start } from './support/oriel';

const megabyte = 1024 * 1024;

/** A file system in memory. Undefined where this process may not mount one. */
function openDisk(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const profile = join(folder, 'profile');
  mkdirSync(profile);
  const filler = join(folder, 'filler');
  return {
    profile,
    fill() {
      const file = openSync(filler, 'a');
      for (let size = megabyte; size >= 1; size = size / 2) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch {}
      }
      closeSync(file);
    },
    makeRoom: () => rmSync(filler, { force: true }),
    close() {
      spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test.each(browserNames)('T106 %s: on a full disk', { timeout: 240_000 }, async (name) => {
  const disk = openDisk(300)!;
  const mark = (...x: unknown[]) => console.log(name, ...x.map((y) => (typeof y === 'string' ? y : JSON.stringify(y))));
  try {
    const oriel = await openOriel(name, {}, { profile: disk.profile, rawLifetime: true });
    try {
      await oriel.connect();
      await oriel.grant();
      mark(spawnSync('df', ['-m', disk.profile]).stdout.toString());
      const page = await oriel.visit('localhost');
      const call = async () => {
        const one = await settled(page, await start(page, { prompt: 'hello' }), 30_000).catch((e) => ({ hung: String(e) }));
        return { ...one, asked: oriel.backend.fault.requests.length };
      };
      mark(await call());
      const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
      disk.fill();
      for (let i = 0; i < 5; i++) {
        mark('full', i, await call());
        disk.fill();
      }
      await options.screenshot(`/tmp/faults3/full-${name}-1.png`);
      mark((await options.text()).slice(0, 600));
      await options.goto(oriel.browser.extensionUrl('options.html#activity'));
      await new Promise((r) => setTimeout(r, 1500));
      mark((await options.text()).slice(0, 900));
      await options.screenshot(`/tmp/faults3/full-${name}-2.png`);
      const add = await oriel.connect({ name: 'Second' }).then(
        () => 'added',
        (e) => String(e),
      );
      mark('add', add);
      for (const p of await oriel.browser.pages()) mark(await p.url(), (await p.text()).slice(0, 400));
      await oriel.browser.killBackground();
      mark('after kill', await call());
      const other = await oriel.visit('other.localhost');
      const asked = await start(other, { prompt: 'new site' });
      mark('approve', await answerApproval(oriel.browser, 'Always allow').then(() => 'ok', String));
      mark('new site', await settled(other, asked, 20000).catch(String));
      disk.makeRoom();
      mark('room', await call());
      mark('room', await call());
      await options.goto(oriel.browser.extensionUrl('options.html#connections'));
      await new Promise((r) => setTimeout(r, 1500));
      mark((await options.text()).slice(0, 600));
      await options.goto(oriel.browser.extensionUrl('options.html#activity'));
      await new Promise((r) => setTimeout(r, 1500));
      mark((await options.text()).slice(0, 900));
    } finally {
      await oriel.close();
    }
  } finally {
    disk.close();
  }
  expect(1).toBe(1);
});
