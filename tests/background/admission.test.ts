import { expect, test } from 'vitest';
import { createAdmission } from '../../background/admission';
import { limits } from '../../protocol/limits';
import { pageOf } from './support/pages';

const page = pageOf();
const other = pageOf({ origin: 'https://other.test' });

test('T18 a site has so many calls on their way to a decision, and what leaves makes room', () => {
  const admission = createAdmission();
  const leaves = Array.from({ length: limits.admissionPerSubject }, () => admission.enter(page));
  expect(() => admission.enter(page)).toThrow(expect.objectContaining({ code: 'rate-limited' }));
  admission.enter(other)();
  leaves[0]?.();
  admission.enter(page);
  expect(() => admission.enter(page)).toThrow();
});

test('a site whose calls all left is forgotten', () => {
  const admission = createAdmission();
  admission.enter(page)();
  const leaves = Array.from({ length: limits.admissionPerSubject }, () => admission.enter(page));
  expect(leaves).toHaveLength(limits.admissionPerSubject);
});
