import { expect, test } from 'vitest';
import { csvOf } from '../../components/options/csv';

test('cells that hold commas, quotes or lines are quoted; what is unknown is empty', () => {
  expect(
    csvOf(
      ['a', 'b'],
      [
        { a: 'x,y', b: 1 },
        { a: 'say "hi"\n', b: undefined },
        { a: '', b: false },
      ],
    ),
  ).toBe('a,b\r\n"x,y",1\r\n"say ""hi""\n",\r\n,false\r\n');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('a spreadsheet does not run a name like %j', (name) => {
  const [, cell] = csvOf(['a'], [{ a: name }]).split('a\r\n');
  expect(cell).toMatch(/^"?'/);
});

test('a number below zero stays a number', () => {
  expect(csvOf(['a'], [{ a: -1 }])).toBe('a\r\n-1\r\n');
});
