import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));

import { contextOf, faultText } from '../../components/fault-text';
import { aiErrorCodes, type Fault, faultCodes } from '../../protocol/errors';
import { local, openai } from './support/samples';

const faults = Object.keys(faultCodes) as Fault[];
const cloud = contextOf(openai);

test.each(faults)('fault %s says what happened and what to do', (fault) => {
  const { what, todo } = faultText({ code: faultCodes[fault], fault }, cloud);
  expect(what).toMatch(/^[^{}]{8,}\.$/);
  expect(todo).toMatch(/^[^{}]{8,}\.$/);
});

test('no two faults say the same', () => {
  const said = faults.map((fault) => faultText({ code: faultCodes[fault], fault }, cloud).what);
  expect(new Set(said).size).toBe(faults.length);
});

test.each(aiErrorCodes)('code %s without a fault says what happened and what to do', (code) => {
  const { what, todo } = faultText({ code }, cloud);
  expect(what).toMatch(/^[^{}]{8,}\.$/);
  expect(todo).toMatch(/^[^{}]{8,}\.$/);
});

test.each([
  [{ fault: 'auth' }, openai, 'OpenAI rejected your key. Check the key, or make a new one.'],
  [{ fault: 'auth' }, { ...openai, keyEnding: undefined }, 'OpenAI needs an API key. Add the key to this connection.'],
  [{ fault: 'network' }, local, 'Nothing answers at 127.0.0.1:8080. Start the server, or check the address.'],
  [{ fault: 'network' }, openai, 'api.openai.com cannot be reached. Check the address and your internet connection.'],
  [
    { fault: 'network' },
    { ...local, baseUrl: 'http://192.168.1.20:8000', place: 'network' as const },
    'Nothing answers at 192.168.1.20:8000. Check the address, that the server runs, and that it listens on the network.',
  ],
  [
    { fault: 'invalid-request', field: 'top_k' },
    openai,
    'OpenAI did not accept “top_k” in the request. The model may not be able to do what the page asked for. Try another model.',
  ],
] as const)('%j is told as it is', (error, connection, said) => {
  const { what, todo } = faultText({ code: 'unavailable', ...error }, contextOf(connection));
  expect(`${what} ${todo}`).toBe(said);
});

test('each browser has its own place where a person gives access to a site', () => {
  const error = { code: 'unavailable', fault: 'site-access' } as const;
  expect(faultText(error, cloud)).toMatchObject({
    what: 'Your browser does not let Oriel reach api.openai.com.',
    todo: expect.stringContaining('chrome://extensions'),
  });
  vi.stubGlobal('location', { protocol: 'moz-extension:' });
  expect(faultText(error, cloud).todo).toContain('about:addons');
  vi.unstubAllGlobals();
});

test('a model of this device is not spoken of as a server', () => {
  const device = contextOf({ ...local, providerId: 'on-device', name: 'SmolLM2', baseUrl: undefined });
  expect(faultText({ code: 'unavailable', fault: 'no-model' }, device).todo).toBe('Download it first.');
  expect(faultText({ code: 'bad-response', fault: 'malformed' }, device).what).toBe('The downloaded file is damaged.');
  const part = { code: 'bad-response', fault: 'malformed', field: 'parts' } as const;
  expect(faultText(part, device).what).toBe('This file is only one part of a model.');
});

test("the backend's own words come apart, without anything unseen", () => {
  const error = { code: 'unavailable', fault: 'auth', status: 401, detail: 'bad \u202ekey\u200b' } as const;
  expect(faultText(error, cloud).detail).toBe('The server answered with status 401.\nbad key');
  expect(faultText({ code: 'unavailable', fault: 'auth' }, cloud)).not.toHaveProperty('detail');
});
