/**
 * `npm run test:faults`: every fault of a backend × every wire format × node, Chromium and Firefox; prints what came of it and ends with 0 only where
 * nothing hung, nothing was wrong, nothing was left open, and stops reached the sockets in time. A script rather than a vitest project alone, because
 * the result is the table and its four numbers.
 *
 * Options: --browser node|chromium|firefox, --dialect NAME, --fault NAME, --repeats N, --part 1/4, --by fault, --json FILE
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './setup.mjs';

/** From the stop of a call to the closed socket of its backend, in 99 of 100 cases (docs/faults.md). */
const stopMs = 250;

const { values } = parseArgs({
  options: {
    browser: { type: 'string' },
    dialect: { type: 'string' },
    fault: { type: 'string' },
    repeats: { type: 'string', default: '1' },
    part: { type: 'string' },
    by: { type: 'string', default: 'dialect' },
    json: { type: 'string' },
  },
});
const file = join(root, '.cache', `faults-${process.pid}.jsonl`);
mkdirSync(dirname(file), { recursive: true });
rmSync(file, { force: true });
writeFileSync(file, '');

const options = {
  browsers: values.browser ? [values.browser] : ['node', 'chromium', 'firefox'],
  repeats: Number(values.repeats),
  dialect: values.dialect,
  fault: values.fault,
  part: values.part,
  file,
};
const ended = spawnSync('npx', ['vitest', 'run', '--project', 'faults', '--reporter=verbose'], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, ORIEL_FAULTS: JSON.stringify(options) },
  shell: process.platform === 'win32',
});

const verdicts = readFileSync(file, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
process.exitCode = report(verdicts, ended.status);

function report(all, status) {
  const keyOf = (verdict) =>
    `${values.by === 'fault' ? `${verdict.test} ${verdict.fault}` : verdict.dialect} · ${verdict.browser}`;
  const groups = groupBy(all, keyOf);
  const rows = [...groups].map(([name, some]) => ({ name, ...sum(some) }));
  const total = sum(all);
  printTable([...rows, { name: 'all', ...total }]);
  for (const verdict of all) for (const line of describe(verdict)) console.log(line);
  const stops = all.flatMap((verdict) => verdict.stopMs ?? []).sort((one, other) => one - other);
  const [median, p99] = [quantile(stops, 0.5), quantile(stops, 0.99)];
  console.log(
    stops.length > 0
      ? `\nstop to closed socket: median ${median.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms of ${stops.length} (at most ${stopMs})`
      : '\nstop to closed socket: no call was stopped',
  );
  if (values.json)
    writeFileSync(resolve(values.json), JSON.stringify({ rows, total, stops: { median, p99 }, verdicts: all }, undefined, 2));
  const isGood = all.length > 0 && total.hung + total.wrong + total.open === 0 && !(p99 > stopMs);
  // A backend that could not be connected has no verdicts, but a failed test.
  if (isGood && status !== 0) console.log('Something could not be played: see above.');
  return isGood && status === 0 ? 0 : 1;
}

function sum(some) {
  return {
    calls: some.length,
    settled: some.filter(({ settled }) => settled).length,
    hung: some.filter(({ settled }) => !settled).length,
    wrong: some.filter(({ wrong }) => wrong.length > 0).length,
    worst: Math.max(0, ...some.map(({ settleMs }) => settleMs)),
    open: some.reduce((count, { leftOpen }) => count + leftOpen, 0),
  };
}

function describe({ dialect, browser, fault, test, settled, wrong, leftOpen }) {
  const said = [...(settled ? [] : ['hung']), ...wrong, ...(leftOpen > 0 ? [`${leftOpen} sockets left open`] : [])];
  return said.map((one) => `${test} ${fault} · ${dialect} · ${browser}: ${one}`);
}

function printTable(rows) {
  const titles = ['', 'calls', 'settled', 'hung', 'wrong', 'worst settle ms', 'left open'];
  const lines = rows.map(({ name, calls, settled, hung, wrong, worst, open }) =>
    [name, calls, settled, hung, wrong, worst, open].map(String),
  );
  const widths = titles.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  console.log('');
  for (const line of [titles, ...lines])
    console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  '));
}

function quantile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/** Node 20 has no Map.groupBy. */
function groupBy(all, keyOf) {
  const groups = new Map();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}
