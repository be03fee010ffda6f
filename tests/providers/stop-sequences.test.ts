import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStopCutter } from '../../providers/stop-sequences';

function cut(stops: readonly string[], pieces: readonly string[]): { shown: string; stopped: boolean } {
  const cutter = createStopCutter(stops);
  const shown = pieces.map(cutter.push).join('') + cutter.end();
  return { shown, stopped: cutter.stopped };
}

test('text without a stop sequence is shown whole', () => {
  expect(cut(['END'], ['An ', 'E', 'N', 'd'])).toEqual({ shown: 'An ENd', stopped: false });
  expect(cut([], ['any', 'thing'])).toEqual({ shown: 'anything', stopped: false });
  expect(cut([''], ['any'])).toEqual({ shown: 'any', stopped: false });
});

test('text ends before the first stop sequence, and nothing comes after', () => {
  expect(cut(['\n\n', 'END'], ['one E', 'ND two', '\n\n', 'three'])).toEqual({ shown: 'one ', stopped: true });
});

test('only what could begin a stop sequence is held back', () => {
  const cutter = createStopCutter(['END']);
  expect(cutter.push('sEN')).toBe('s');
  expect(cutter.push('x')).toBe('ENx');
  expect(cutter.push('E')).toBe('');
  expect(cutter.end()).toBe('E');
});

test('the stop sequence that is complete first wins, and of two that end together the longer', () => {
  expect(cut(['abcd', 'bc'], ['xabcd']).shown).toBe('xa');
  expect(cut(['bc', 'abc'], ['xabc']).shown).toBe('x');
});

test('the cut does not depend on how the text arrives', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 8 }), stops, (pieces, sequences) => {
      expect(cut(sequences, pieces)).toEqual(cut(sequences, [pieces.join('')]));
      expect(sequences.some((stop) => cut(sequences, pieces).shown.includes(stop))).toBe(false);
    }),
    { numRuns: 2000, seed: 77 },
  );
});
