// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import { ConnectionsPage } from '../../components/options/ConnectionsPage';
import { createPassphrases } from '../../components/passphrases';
import { PopupScreen } from '../../components/popup/PopupScreen';
import { SecurityPage } from '../../components/security/SecurityPage';
import { suggestionBits, suggestPassphrase } from '../../components/security/suggestion';
import { words } from '../../components/security/words';
import { AiError } from '../../protocol/errors';
import type { VaultView } from '../../protocol/vault-messages';
import { keyFrom, parameters } from '../background/support/vault';
import { fakeBackground, nothing, vault } from './support/background';
import { approval, local, openai } from './support/samples';
import { click, fakeDerivation, fakeShell, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const locked: VaultView = { ...vault, type: 'locked' };
const unlocked: VaultView = { ...vault, type: 'unlocked' };
const phrase = 'correct horse battery';
const wrong = () => {
  throw new AiError('invalid-request', 'no', { field: 'passphrase' });
};
const inputs = ({ calls }: ReturnType<typeof fakeBackground>, type: string) =>
  calls.filter((call) => call.type === type).map(({ input }) => input);
const submit = async (name: string) => {
  const form = [...document.querySelectorAll('button')].find((button) => button.textContent === name)?.closest('form');
  form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await settle();
};
const onlyKeys = (background: ReturnType<typeof fakeBackground>) =>
  expect(JSON.stringify(background.calls)).not.toContain(phrase);

test('T32 while it is locked popup and approval window show the field for the passphrase and nothing else', async () => {
  const background = fakeBackground(
    { vault: locked },
    { 'vault-parameters': () => ({ parameters }), 'vault-unlock': () => ({ isOutdated: false }) },
  );
  for (const screen of [<PopupScreen key="popup" />, <ApprovalScreen key="approval" />]) {
    await show(background, screen);
    expect(text()).toContain('Unlock Oriel');
    expect(findButton('Allow this visit')).toBeUndefined();
    expect(text()).not.toContain('This site');
    expect(inputs(background, 'tab-sites')).toEqual([]);
  }
  await fill('Passphrase', phrase);
  await submit('Unlock');
  expect(inputs(background, 'vault-unlock')).toEqual([{ key: fakeDerivation(phrase) }]);
  onlyKeys(background);
});

test('T75 fields for passphrases are hidden and not remembered', async () => {
  await show(fakeBackground({ vault: locked }), <PopupScreen />);
  const input = field('Passphrase');
  expect([input.type, input.getAttribute('autocomplete')]).toEqual(['password', 'off']);
  expect(document.activeElement).toBe(input);
});

test('a wrong passphrase is said in one sentence, and the field keeps what was typed', async () => {
  const background = fakeBackground({ vault: locked }, { 'vault-parameters': () => ({ parameters }), 'vault-unlock': wrong });
  await show(background, <PopupScreen />);
  await fill('Passphrase', phrase);
  await submit('Unlock');
  expect(text()).toContain('That is not the passphrase.');
  expect(field('Passphrase').value).toBe(phrase);
});

test('T67 an old derivation is renewed with the unlocking, from the page that still has the passphrase', async () => {
  const background = fakeBackground(
    { vault: locked },
    { 'vault-parameters': () => ({ parameters }), 'vault-unlock': () => ({ isOutdated: true }) },
  );
  await show(background, <PopupScreen />);
  await fill('Passphrase', phrase);
  await submit('Unlock');
  const key = fakeDerivation(phrase);
  expect(inputs(background, 'vault-protect')).toEqual([{ current: key, next: { key, parameters } }]);
});

test('a passphrase that was removed elsewhere needs no unlocking', async () => {
  const background = fakeBackground({ vault: locked }, { 'vault-parameters': () => ({}) });
  await show(background, <PopupScreen />);
  await fill('Passphrase', phrase);
  await submit('Unlock');
  expect(inputs(background, 'vault-unlock')).toEqual([]);
});

test('a forgotten passphrase leads to a reset that is asked for twice', async () => {
  const background = fakeBackground({ vault: locked });
  await show(background, <PopupScreen />);
  await click('Forgot your passphrase?');
  expect(inputs(background, 'vault-reset')).toEqual([]);
  await click('Delete all keys');
  expect(inputs(background, 'vault-reset')).toEqual([{}]);
});

test('after the unlocking the window stays for the card of the same call, and closes where none comes', async () => {
  const background = fakeBackground({ vault: locked });
  const shell = await show(background, <ApprovalScreen />);
  background.push({ vault: unlocked });
  await settle();
  expect(shell.closed()).toBe(0);
  background.push({ approvals: [approval()] });
  await settle(2000);
  expect(shell.closed()).toBe(0);
  expect(findButton('Allow this visit')).toBeDefined();
  background.push({ approvals: [] });
  await settle(2000);
  expect(shell.closed()).toBe(1);
});

test('without a passphrase the page says honestly what that means, and sets one', async () => {
  const background = fakeBackground({ vault }, { 'vault-parameters': () => ({}) });
  await show(background, <SecurityPage vault={vault} />);
  expect(text()).toContain("But someone who can read this computer's files can read your keys too.");
  expect(findButton('Lock now')).toBeUndefined();
  await click('Set passphrase');
  await fill('New passphrase', 'too short');
  await submit('Cancel');
  expect(text()).toContain('Use at least 12 characters.');
  await fill('New passphrase', phrase);
  await fill('Repeat it', `${phrase}!`);
  await submit('Cancel');
  expect(text()).toContain('The two are not the same.');
  await fill('Repeat it', phrase);
  await submit('Cancel');
  expect(inputs(background, 'vault-protect')).toEqual([{ next: { key: fakeDerivation(phrase), parameters } }]);
  onlyKeys(background);
});

test('a suggested passphrase is shown, filled in twice, and has six words', async () => {
  const background = fakeBackground({ vault }, { 'vault-parameters': () => ({}) });
  await show(background, <SecurityPage vault={vault} />);
  await click('Set passphrase');
  await click('Suggest one');
  const shown = document.querySelector('.suggestion')?.textContent ?? '';
  expect(shown.split('-')).toHaveLength(6);
  expect([field('New passphrase').value, field('Repeat it').value]).toEqual([shown, shown]);
  expect(text()).toContain('60 bits of chance');
});

test('T71 change, removal and export ask for the passphrase although it is unlocked', async () => {
  const background = fakeBackground(
    { vault: unlocked },
    { 'vault-parameters': () => ({ parameters }), 'vault-protect': wrong, 'vault-export': wrong },
  );
  await show(background, <SecurityPage vault={unlocked} />);
  for (const [open, type] of [
    ['Change', 'vault-protect'],
    ['Remove', 'vault-protect'],
    ['Export', 'vault-export'],
  ] as const) {
    await click(open);
    await fill('Current passphrase', 'not it, surely');
    if (open !== 'Remove') {
      await fill('New passphrase', phrase);
      await fill('Repeat it', phrase);
    }
    await submit('Cancel');
    expect(inputs(background, type).at(-1)).toMatchObject({ current: fakeDerivation('not it, surely') });
    expect(text()).toContain('That is not the passphrase.');
    await click('Cancel');
  }
  expect(inputs(background, 'vault-protect')[1]).toMatchObject({ next: null });
});

test('the time to lock is chosen, and it locks at once when asked', async () => {
  const background = fakeBackground({ vault: unlocked });
  await show(background, <SecurityPage vault={unlocked} />);
  await fill('Lock after', '5m');
  expect(inputs(background, 'vault-auto-lock')).toEqual([{ after: '5m' }]);
  await click('Lock now');
  expect(inputs(background, 'vault-lock')).toEqual([{}]);
});

/** The browser's permission to be told of the computer's lock. */
function fakeComputerLock(isGiven: boolean, answer: () => Promise<boolean>) {
  let isOn = isGiven;
  const asked: boolean[] = [];
  const set = async (on: boolean) => {
    asked.push(on);
    isOn = on && (await answer());
    return isOn;
  };
  return { asked, isOn: async () => isOn, set };
}
const boxNamed = (name: string) =>
  [...document.querySelectorAll('label')]
    .find(({ textContent }) => textContent?.trim() === name)
    ?.querySelector<HTMLInputElement>('input');
const withComputer = () => boxNamed('Lock when this computer is locked');
const tick = async () => {
  withComputer()?.click();
  await settle();
};

test('T70 the lock with the computer asks for its permission in the click, and gives it back', async () => {
  const background = fakeBackground({ vault: unlocked });
  const computerLock = fakeComputerLock(false, async () => true);
  await show(background, <SecurityPage vault={unlocked} />, { ...fakeShell(), computerLock });
  expect(withComputer()?.checked).toBe(false);
  withComputer()?.click();
  // Not a task later: the browser asks the person only while it handles the click.
  expect(computerLock.asked).toEqual([true]);
  await settle();
  expect(withComputer()?.checked).toBe(true);
  await tick();
  expect(computerLock.asked).toEqual([true, false]);
  expect(withComputer()?.checked).toBe(false);
});

test('T70 the box shows whether the permission is there, and goes back where it is refused', async () => {
  const background = fakeBackground({ vault: unlocked });
  const given = { ...fakeShell(), computerLock: fakeComputerLock(true, async () => true) };
  await show(background, <SecurityPage vault={unlocked} />, given);
  expect(withComputer()?.checked).toBe(true);
  for (const refusal of [async () => false, () => Promise.reject(new Error('no gesture'))]) {
    const refused = { ...fakeShell(), computerLock: fakeComputerLock(false, refusal) };
    await show(background, <SecurityPage vault={unlocked} />, refused);
    await tick();
    expect(withComputer()?.checked).toBe(false);
  }
});

test('T70 where the browser does not tell of the computer’s lock there is no box for it', async () => {
  await show(fakeBackground({ vault: unlocked }), <SecurityPage vault={unlocked} />);
  expect(withComputer()).toBeUndefined();
});

test('T74 a file shows every host before it is taken over, and sites only where that is ticked', async () => {
  const connections = [
    { name: 'Mine', providerName: 'OpenAI', host: 'api.openai.com', hasKey: true },
    { name: 'Here', providerName: 'On this device', hasKey: false },
  ];
  const background = fakeBackground(
    { vault },
    {
      'vault-import-parameters': () => parameters,
      'vault-import-preview': () => ({ connections, sites: ['https://a.test'], autoLock: '5m' }),
    },
  );
  await show(background, <SecurityPage vault={vault} />);
  await click('Import');
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error('There is no field for a file.');
  Object.defineProperty(input, 'files', { value: [new File(['{}'], 'oriel.json')] });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
  await fill('Passphrase of the file', phrase);
  await submit('Cancel');
  expect(text()).toContain('sends to api.openai.com · with a key');
  expect(text()).toContain('on this computer');
  expect(inputs(background, 'vault-import')).toEqual([]);
  document.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
  await settle();
  document.querySelector<HTMLButtonElement>('dialog [data-kind="primary"]')?.click();
  await settle();
  expect(inputs(background, 'vault-import')).toEqual([{ file: '{}', key: fakeDerivation(phrase), withSites: true }]);
});

test('T74 a file that is too large is not even read', async () => {
  const background = fakeBackground({ vault });
  await show(background, <SecurityPage vault={vault} />);
  await click('Import');
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  if (!input) throw new Error('There is no field for a file.');
  Object.defineProperty(input, 'files', { value: [{ size: 6 * 1024 * 1024, text: wrong }] });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
  await fill('Passphrase of the file', phrase);
  await submit('Cancel');
  expect(text()).toContain('Oriel cannot take this file.');
  expect(inputs(background, 'vault-import-parameters')).toEqual([]);
});

test('T107 a vault that was mended, and one that is lost, say so', async () => {
  await show(fakeBackground(), <SecurityPage vault={{ ...vault, isRestored: true }} />);
  expect(text()).toContain('no key is lost');
  const lost: VaultView = { ...vault, type: 'lost' };
  const background = fakeBackground({ vault: lost });
  await show(background, <SecurityPage vault={lost} />);
  expect(findButton('Set passphrase')).toBeUndefined();
  await click('Start over');
  await click('Delete all keys');
  expect(inputs(background, 'vault-reset')).toEqual([{}]);
  await show(background, <ConnectionsPage overview={{ ...nothing, vault: lost }} dialog={undefined} />);
  expect(text()).toContain('can no longer be read');
});

test('a key of the cloud without a passphrase brings one quiet word of advice, until it is put away', async () => {
  const advice = 'A passphrase prevents that.';
  const background = fakeBackground({ connections: [openai] });
  const pageWith = (fields: object) => <ConnectionsPage overview={{ ...nothing, ...fields }} dialog={undefined} />;
  await show(background, pageWith({ connections: [openai] }));
  expect(text()).toContain(advice);
  await click('Dismiss');
  expect(inputs(background, 'vault-dismiss-advice')).toEqual([{}]);
  for (const fields of [
    { connections: [openai], vault: { ...vault, isAdviceDismissed: true } },
    { connections: [openai], vault: unlocked },
    { connections: [local] },
    { connections: [{ ...openai, keyEnding: undefined }] },
  ]) {
    await show(background, pageWith(fields));
    expect(text()).not.toContain(advice);
  }
});

test('the words are 1,024 different ones, each as likely as any other', () => {
  expect(new Set(words).size).toBe(1024);
  expect(words.every((word) => /^[a-z]{4,6}$/.test(word))).toBe(true);
  expect(suggestionBits).toBe(60);
  expect(suggestPassphrase((numbers) => numbers.fill(1024 + 3))).toBe(Array(6).fill(words[3]).join('-'));
});

class FakeWorker extends EventTarget {
  terminated = 0;
  constructor(readonly answer: (worker: FakeWorker, call: unknown) => void) {
    super();
  }
  postMessage(call: unknown) {
    queueMicrotask(() => this.answer(this, call));
  }
  terminate() {
    this.terminated += 1;
  }
  say(data: unknown) {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

test('each derivation has a worker of its own, which ends with it', async () => {
  const workers: FakeWorker[] = [];
  const open = (answer: (worker: FakeWorker, call: unknown) => void) =>
    createPassphrases(() => {
      const worker = new FakeWorker(answer);
      workers.push(worker);
      return worker as unknown as Worker;
    });
  const good = open((worker) => worker.say({ type: 'key', key: keyFrom(4), parameters }));
  expect(await good.derive(phrase, parameters)).toBe(keyFrom(4));
  expect(await good.create(phrase)).toEqual({ key: keyFrom(4), parameters });
  await expect(open((worker) => worker.say({ type: 'failed' })).create(phrase)).rejects.toMatchObject({ code: 'unknown' });
  await expect(open((worker) => worker.dispatchEvent(new Event('error'))).create(phrase)).rejects.toMatchObject({
    code: 'unknown',
  });
  expect(workers.map(({ terminated }) => terminated)).toEqual([1, 1, 1, 1]);
});
