import { expect, test } from 'vitest';
import { classicStrings, exceptionNames } from '../../client/fake-errors';
import { errorString } from '../../page/classic-errors';
import { exceptionOf } from '../../page/exceptions';
import { aiErrorCodes } from '../../protocol/errors';

test.each(aiErrorCodes.map((code) => [code] as const))('%s is the same string and the same exception as in a page', (code) => {
  expect(classicStrings[code]).toBe(errorString({ code }));
  expect(exceptionNames[code]).toBe(exceptionOf({ code }).name);
});

test('the fake wallet knows no code that a page could never get', () => {
  for (const table of [classicStrings, exceptionNames]) expect(Object.keys(table).sort()).toEqual([...aiErrorCodes].sort());
});
