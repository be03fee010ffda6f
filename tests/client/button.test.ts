// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defineOrielButton, type OrielButtonElement } from '../../client/button';
import { createFakeOriel, type FakeOriel, type FakeOrielOptions, installFakeOriel } from '../../client/testing';
import type { Oriel } from '../../client/types';
import { eventually } from '../background/support/eventually';

const installUrl = 'https://site.test/get';
defineOrielButton({ installUrl });

let fake: FakeOriel | undefined;
let heard: string[];
beforeEach(() => {
  heard = [];
  for (const type of ['connect', 'refuse']) document.body.addEventListener(type, () => heard.push(type));
});
afterEach(() => {
  document.body.replaceWith(document.createElement('body'));
  fake?.uninstall();
  fake = undefined;
});

function show(options?: FakeOrielOptions, attributes: Readonly<Record<string, string>> = {}): OrielButtonElement {
  if (options) fake = installFakeOriel(options);
  const button = document.createElement('oriel-button') as OrielButtonElement;
  for (const [name, value] of Object.entries(attributes)) button.setAttribute(name, value);
  document.body.append(button);
  return button;
}
const control = (button: OrielButtonElement) => button.shadowRoot?.querySelector<HTMLElement>('a, button') as HTMLElement;
const words = (button: OrielButtonElement) => control(button).textContent;
const status = (button: OrielButtonElement) => button.shadowRoot?.querySelector('[role="status"]')?.textContent;
/** Oriel comes while the page is open. */
const arrive = (provider: Oriel) =>
  window.dispatchEvent(
    new CustomEvent('ai:announce', { detail: { info: { name: 'Oriel', id: 'invalid.oriel', version: '1' }, provider } }),
  );

test('a visitor without Oriel gets a link to it, in a new tab', () => {
  const button = show();
  const link = control(button) as HTMLAnchorElement;
  expect([link.localName, link.href, link.target, link.rel]).toEqual(['a', installUrl, '_blank', 'noopener']);
  expect([button.state, button.oriel]).toEqual(['missing', undefined]);
});

test('the address of one button comes before the one of all', () => {
  expect((control(show(undefined, { 'install-url': 'https://other.test/' })) as HTMLAnchorElement).href).toBe(
    'https://other.test/',
  );
});

test('a visitor with Oriel is asked by one press, and the page hears of the yes once', async () => {
  const button = show({ person: 'waits' }, { scopes: 'tools image.in' });
  await eventually(() => expect(words(button)).toBe('Use your own AI'));
  const told = vi.fn();
  button.addEventListener('connect', (event) => told((event as CustomEvent).detail));
  control(button).click();
  expect([button.state, words(button), status(button)]).toEqual([
    'asking',
    'Waiting for your approval…',
    'Waiting for your approval…',
  ]);
  expect(control(button).getAttribute('aria-disabled')).toBe('true');
  control(button).click();
  fake?.allow();
  await eventually(() => expect(button.state).toBe('connected'));
  expect(told.mock.calls).toEqual([
    [
      {
        oriel: fake?.oriel,
        permission: { state: 'granted', scopes: ['generate', 'models.read', 'tools', 'image.in'], model: { id: 'fake-model' } },
      },
    ],
  ]);
  expect(button.oriel).toBe(fake?.oriel);
  expect(heard).toEqual(['connect']);
});

test('a refusal is said, told to the page, and can be asked about again', async () => {
  const button = show({ person: 'refuses' });
  await eventually(() => expect(button.state).toBe('ready'));
  control(button).click();
  await eventually(() => expect(button.state).toBe('refused'));
  expect([words(button), status(button), heard]).toEqual(['Not allowed. Ask again', 'Not allowed. Ask again', ['refuse']]);
  fake?.personWill('allows');
  control(button).click();
  await eventually(() => expect(button.state).toBe('connected'));
});

test('a visitor who allowed the site before presses nothing', async () => {
  const button = show({ granted: true });
  await eventually(() => expect(heard).toEqual(['connect']));
  expect(button.state).toBe('connected');
});

test('when the permission is taken back it is a button again', async () => {
  const button = show({ granted: true });
  await eventually(() => expect(button.state).toBe('connected'));
  fake?.revoke();
  expect([button.state, button.oriel, words(button)]).toEqual(['ready', undefined, 'Use your own AI']);
});

test('a visitor who comes back with Oriel goes on without another press', async () => {
  const button = show();
  const { oriel } = createFakeOriel();
  control(button).addEventListener('click', (event) => event.preventDefault());
  control(button).click();
  await eventually(() => expect(button.shadowRoot?.querySelector('button')?.textContent).toBe('Installed it? Reload this page'));
  arrive(oriel);
  await eventually(() => expect(button.state).toBe('connected'));
  expect(button.shadowRoot?.querySelectorAll('a, button')).toHaveLength(1);
});

test('Oriel that comes before anybody pressed anything asks nobody', async () => {
  const button = show();
  const { oriel } = createFakeOriel({ person: 'refuses' });
  arrive(oriel);
  await eventually(() => expect(button.state).toBe('ready'));
  expect(heard).toEqual([]);
});

test('a page in another language says it in its own words', () => {
  const button = show();
  button.labels = { ...button.labels, missing: 'Oriel holen' };
  expect(words(button)).toBe('Oriel holen');
});

test('a button that was taken out of the page listens to nothing any more', async () => {
  const button = show({ granted: true });
  await eventually(() => expect(button.state).toBe('connected'));
  button.remove();
  fake?.revoke();
  expect(button.state).toBe('connected');
});

test('to define it twice, or where there are no elements at all, is no error', () => {
  expect(defineOrielButton({ installUrl })).toBe(true);
  vi.stubGlobal('customElements', undefined);
  expect(defineOrielButton({ installUrl })).toBe(false);
  vi.unstubAllGlobals();
});
