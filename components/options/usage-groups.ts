/** Sums of use, added up by what a table or the chart asks for. Days are local ones, `2026-11-24`. */

import type { DaySums, Sums } from '../../protocol/activity';

export interface Group {
  readonly key: string;
  /** One of those that were added up: it has what the group has in common. */
  readonly example: DaySums;
  readonly sums: Sums;
}

const none: Sums = {
  calls: 0,
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  microUsd: 0,
  estimated: 0,
  untold: 0,
  unpriced: 0,
};
const names = Object.keys(none) as (keyof Sums)[];

const plus = (left: Sums, right: Sums): Sums =>
  Object.fromEntries(names.map((name) => [name, left[name] + right[name]])) as unknown as Sums;

export const totalOf = (all: readonly Sums[]): Sums => all.reduce(plus, none);

/** The dearest first, and of those that cost the same the one with most tokens. */
export function groupsOf(all: readonly DaySums[], keyOf: (one: DaySums) => string): Group[] {
  const groups = new Map<string, Group>();
  for (const one of all) {
    const key = keyOf(one);
    const before = groups.get(key);
    groups.set(key, { key, example: one, sums: plus(before?.sums ?? none, one) });
  }
  const tokens = ({ sums }: Group) => sums.inputTokens + sums.outputTokens;
  return [...groups.values()].sort(
    (one, other) => other.sums.microUsd - one.sums.microUsd || tokens(other) - tokens(one) || other.sums.calls - one.sums.calls,
  );
}

export interface Bar {
  /** A day, or a month as `2026-11`. */
  readonly key: string;
  readonly sums: Sums;
}

/** Days as UTC have 24 hours each: nothing here hangs on a time zone. */
const nextDay = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
const nextMonth = (month: string) => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
};

/** In the order of time, days and months without any use included. */
function barsOf(all: readonly DaySums[], from: string, until: string, digits: number, next: (key: string) => string): Bar[] {
  const groups = new Map(groupsOf(all, ({ day }) => day.slice(0, digits)).map(({ key, sums }) => [key, sums]));
  const bars: Bar[] = [];
  for (let key = from; key <= until; key = next(key)) bars.push({ key, sums: groups.get(key) ?? none });
  return bars;
}

/** The last day of the week or the month that begins with this day. */
function lastDayOf(period: 'week' | 'month', from: string): string {
  const [year = 0, month = 0, day = 0] = from.split('-').map(Number);
  const last = period === 'week' ? Date.UTC(year, month - 1, day + 6) : Date.UTC(year, month, 0);
  return new Date(last).toISOString().slice(0, 10);
}

/** All days of the period, those to come included: the room of each stays the same. */
export const dayBars = (all: readonly DaySums[], period: 'week' | 'month', from: string): Bar[] =>
  barsOf(all, from, lastDayOf(period, from), 10, nextDay);

/** From the first month that has any use; the last years only, so that a clock that once was wrong draws no century. */
export function monthBars(all: readonly DaySums[], today: string): Bar[] {
  const [earliest = today] = all.map(({ day }) => day).sort();
  return barsOf(all, earliest.slice(0, 7), today.slice(0, 7), 7, nextMonth).slice(-36);
}
