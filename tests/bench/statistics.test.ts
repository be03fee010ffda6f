import { describe, expect, test } from 'vitest';
import { noiseOf } from '../../bench/statistics';

describe('The noise of equal runs', () => {
  test('is nothing where all say the same', () => {
    expect(
      noiseOf([
        [5, 5, 5],
        [5, 5, 5],
      ]),
    ).toBe(0);
  });

  test('is what they lie apart, however steady each of them is', () => {
    expect(
      noiseOf([
        [30, 30, 30],
        [33, 33, 33],
        [31, 31, 31],
      ]),
    ).toBe(3);
  });

  test('is what one of them varies by, where that is all there is', () => {
    const run = Array.from({ length: 60 }, (_, index) => 30 + (index % 10));
    const noise = noiseOf([run, run]);
    expect(noise).toBeGreaterThan(0);
    expect(noise).toBeLessThan(6);
  });
});
