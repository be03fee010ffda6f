/**
 * `npm run bench [-- --only small-chunks,popup] [--browser firefox] [--repeats 5] [--soak] [--growth] [--json FILE]`: how fast Oriel is beside
 * the page's own fetch, in real browsers. `--docs` measures everything and writes the figures of docs/performance.md anew; with `--only`
 * those alone. It takes the build
 * that is there with `--no-build`. Times never fail: the exit code is that of figures that could not be measured.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBrowsers, ensurePackages, root } from './setup.mjs';
import { openTypeScript } from './typescript.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    browser: { type: 'string' },
    repeats: { type: 'string' },
    json: { type: 'string' },
    soak: { type: 'boolean', default: false },
    growth: { type: 'boolean', default: false },
    docs: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const browsers = values.browser === undefined ? ['chromium', 'firefox'] : [values.browser];

ensurePackages();
const problems = ensureBrowsers(browsers);
if (problems.length > 0) throw new Error(problems.join('\n'));
process.chdir(root);
if (!values['no-build']) build();
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
const typescript = await openTypeScript();
let isWhole = false;
try {
  isWhole = await bench();
} finally {
  await typescript.close();
}
process.exit(isWhole ? 0 : 1);

/** @returns whether every figure could be measured */
async function bench() {
  const { figureNames, runFigures } = await typescript.load('bench/run.ts');
  const { toTable } = await typescript.load('bench/table.ts');
  const only = values.only?.split(',') ?? [];
  const unknown = only.filter((name) => !figureNames.includes(name));
  if (unknown.length > 0) throw new Error(`There is no figure ${unknown.join(', ')}. There are: ${figureNames.join(', ')}.`);
  const repeats = values.repeats === undefined ? undefined : Math.max(1, Number(values.repeats));
  const measured = await runFigures({
    browsers,
    only,
    repeats,
    soak: values.soak || values.docs,
    log: console.log,
    signal: stop.signal,
  });
  console.log(`\n${toTable(measured.rows)}\n`);
  const growth =
    values.growth || (values.docs && only.length === 0)
      ? await (await typescript.load('bench/growth.ts')).measureGrowth(browsers, console.log)
      : [];
  const result = { ...measured, growth };
  for (const what of result.failed) console.log(`not measured: ${what}`);
  const missed = result.rows.filter(({ met }) => !met);
  console.log(`${result.rows.length - missed.length} of ${result.rows.length} goals met`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  if (values.docs) {
    const { writeDocs, withRows } = await typescript.load('bench/docs.ts');
    const file = join(root, 'docs', 'performance.json');
    const shown = only.length > 0 ? withRows(JSON.parse(readFileSync(file, 'utf8')), result) : result;
    if (growth.length > 0) shown.growth = growth;
    writeFileSync(file, `${JSON.stringify(shown, null, 2)}\n`);
    writeDocs(shown, join(root, 'docs'));
  }
  return result.failed.length === 0;
}

function build() {
  console.log('Building Oriel …');
  const wxt = join(root, 'node_modules', 'wxt', 'bin', 'wxt.mjs');
  for (const browser of browsers) {
    const target = browser === 'chromium' ? 'chrome' : 'firefox';
    const { status, stderr } = spawnSync(process.execPath, [wxt, 'build', '-b', target], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
  }
}
