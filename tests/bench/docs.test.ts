import { expect, test } from 'vitest';
import { apartNotes, withRows } from '../../bench/docs';
import { type RowDescription, toRow } from '../../bench/row';

const about: RowDescription = {
  ...{ name: 'first', title: 'First', browser: 'chromium', mandatory: true },
  ...{ unit: 'ms', judged: 'ratio', goal: 1.05 },
};
const machine = { isQuiet: true, load: 0.1, spread: 1.02, cores: 2 };
const quiet = 'quiet: load 0.10 on 2 cores, fixed work varies by 2 %';
const run = { machine, takenAt: '2026-11-27T20:00:00.000Z', failed: [] };

test('a run of a few figures takes the place of their namesakes, adds what is new, and leaves the rest', () => {
  const earlier = {
    ...run,
    takenAt: '2026-11-01T20:00:00.000Z',
    rows: [toRow(about, [10], [20]), toRow({ ...about, browser: 'firefox' }, [10], [30])],
  };
  const later = {
    ...run,
    rows: [toRow({ ...about, note: 'one thread' }, [10], [10]), toRow({ ...about, name: 'new' }, [1], [1])],
  };
  const shown = withRows(earlier, later);
  expect(shown.takenAt).toBe(earlier.takenAt);
  expect(shown.rows.map(({ name, browser, ratio }) => [name, browser, ratio])).toEqual([
    ['first', 'chromium', 1],
    ['first', 'firefox', 3],
    ['new', 'chromium', 1],
  ]);
  expect(shown.rows.map(({ note }) => note)).toEqual(['one thread', null, null]);
  expect(apartNotes(earlier.rows)).toEqual([]);
  expect(apartNotes(shown.rows)).toEqual([`first, new: taken apart from the others on 2026-11-27, ${quiet}.`]);
});

test('what a run of a few left behind says when it was taken, also where a later one has replaced its first figure', () => {
  const rows = [toRow(about, [10], [10]), toRow({ ...about, name: 'second' }, [10], [20])];
  const twice = withRows(withRows({ ...run, rows: [] }, { ...run, rows }), {
    ...run,
    takenAt: '2026-11-28T08:00:00.000Z',
    rows: rows.slice(0, 1),
  });
  expect(apartNotes(twice.rows)).toEqual([
    `first: taken apart from the others on 2026-11-28, ${quiet}.`,
    `second: taken apart from the others on 2026-11-27, ${quiet}.`,
  ]);
});
