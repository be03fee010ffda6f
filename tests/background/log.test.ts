import { afterEach, expect, test, vi } from 'vitest';
import { logDefect } from '../../background/log';
import { AiError } from '../../protocol/errors';

const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
afterEach(() => error.mockClear());
const logged = () => JSON.stringify(error.mock.calls);

test('a defect is logged by its kind and its place', () => {
  logDefect(new TypeError('x is undefined'));
  expect(logged()).toContain('TypeError');
  expect(logged()).toContain('log.test.ts');
});

test('the cause of a wrapped defect is what is logged', () => {
  logDefect(new AiError('unknown', 'wrapped', { cause: new RangeError('inner') }));
  expect(logged()).toContain('RangeError');
});

// I8
test.each([
  new Error('sk-CANARY'),
  new Error('first line\nsk-CANARY'),
  new Error('first line\n    at sk-CANARY\nme@sk-CANARY'),
  new AiError('unknown', 'sk-CANARY', { detail: 'sk-CANARY' }),
  'sk-CANARY',
  { key: 'sk-CANARY' },
])('no word of a message is logged: %#', (thrown) => {
  logDefect(thrown);
  expect(error).toHaveBeenCalledTimes(1);
  expect(logged()).not.toContain('CANARY');
});

test('an error without a stack is logged by its kind', () => {
  const bare = new Error('x');
  Reflect.set(bare, 'stack', undefined);
  logDefect(bare);
  expect(logged()).toContain('Error');
});
