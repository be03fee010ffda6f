import { expect, test } from 'vitest';
import { toRow } from '../../bench/row';
import { peerOf, resultOf } from '../../bench/table';

const about = { name: 'first', title: 'First', browser: 'firefox', mandatory: true, goal: 4 } as const;

test('what others come to is said as the result is: a ratio beside a ratio', () => {
  const row = toRow({ ...about, unit: 'ms', judged: 'ratio', peer: 20 }, [10], [12]);
  expect([resultOf(row), peerOf(row)]).toEqual(['1.20×', '20.0×']);
});

test.each([
  [4, '+30.00 ms'],
  [0.5, '-5.00 ms'],
])('beside a difference that of others is one: %s times the baseline of 10 ms is %s', (peer, said) => {
  const row = toRow({ ...about, unit: 'ms', judged: 'difference', peer }, [10], [15]);
  expect([resultOf(row), peerOf(row)]).toEqual(['+5.00 ms', said]);
});

test('where others were not measured nothing is said of them', () => {
  expect(peerOf(toRow({ ...about, unit: 'ms', judged: 'difference' }, [10], [15]))).toBe('');
});
