/**
 * `npm run test:mutants [-- WORDS]`: puts each fault of mutants.mjs into a copy of the tree, runs the tests that should find it, and fails
 * where one stays unfound. A mutant that does not even load has shown nothing and fails as well. WORDS picks mutants by their name.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { mutants } from './mutants.mjs';
import { ensurePackages, root } from './setup.mjs';

/** Inside of the checkout, so that packages are found as ever. */
const copies = join(root, '.cache', `mutants-${process.pid}`);
const workers = Math.min(2, availableParallelism());
/** A fault that makes a test run for ever is found by that. */
const patience = 120_000;

const words = process.argv.slice(2).join(' ');
const chosen = mutants.filter(({ name }) => name.includes(words));

ensurePackages();
if (chosen.length === 0) fail(`No mutant is called like "${words}".`);
for (const mutant of chosen) {
  const places = readFileSync(join(root, mutant.file), 'utf8').split(mutant.find).length - 1;
  if (places !== 1) fail(`"${mutant.name}": its text stands ${places} times in ${mutant.file}.`);
}
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(copies, { recursive: true, force: true });
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

async function main() {
  const trees = Array.from({ length: workers }, (_, index) => copyTree(join(copies, String(index))));
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
  console.log(`${chosen.length} mutants, ${files.length} files of tests`);
  const sound = await runTests(trees[0], files);
  if (sound.type !== 'survived') {
    console.error(`Without any fault the tests are red: ${sound.by}`);
    return false;
  }
  const rows = await inParallel(trees, chosen, tryMutant);
  printTable(rows);
  const found = rows.filter(({ verdict }) => verdict === 'killed').length;
  console.log(`${found} of ${rows.length} mutants were found`);
  return found === rows.length;
}

/** What git would take, so that nothing generated goes along but the messages. */
function copyTree(to) {
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  if (!existsSync(join(root, '.wxt'))) spawnSync('npx', ['wxt', 'prepare'], { cwd: root, stdio: 'inherit' });
  for (const path of [...stdout.split('\0'), '.wxt']) {
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path), { recursive: true });
  }
  return to;
}

async function tryMutant(tree, { name, file, find, replace, tests }) {
  const path = join(tree, file);
  const sound = readFileSync(path, 'utf8');
  const begun = Date.now();
  // As a function, so that no sign of the replacement is taken for a pattern.
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  try {
    const { type, by } = await runTests(tree, tests);
    return { name, file, verdict: type, by, seconds: (Date.now() - begun) / 1000 };
  } finally {
    writeFileSync(path, sound);
  }
}

/** Runs these files until one test fails. */
function runTests(tree, files) {
  const output = join(tree, '.cache', 'results.json');
  rmSync(output, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '--project', 'unit', '--bail=1', '--reporter=json', `--outputFile=${output}`];
  const child = spawn(process.execPath, [vitest, ...options, ...files], { cwd: tree, stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      process.kill(-child.pid, 'SIGKILL');
      resolve({ type: 'killed', by: `still running after ${patience / 1000} s` });
    }, patience);
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(verdictOf(output, code));
    });
  });
}

function verdictOf(output, code) {
  if (!existsSync(output)) return { type: 'broken', by: `vitest wrote no results (${code})` };
  const { testResults, numPassedTests } = JSON.parse(readFileSync(output, 'utf8'));
  const failed = testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed'));
  if (failed.length > 0) return { type: 'killed', by: failed[0].fullName };
  const unloaded = testResults.find(({ status }) => status === 'failed');
  if (unloaded) return { type: 'broken', by: unloaded.message.split('\n', 1)[0] };
  // An error beside the tests: a promise that nobody awaited.
  if (code !== 0) return { type: 'killed', by: 'an error outside of every test' };
  return numPassedTests > 0 ? { type: 'survived', by: '' } : { type: 'broken', by: 'no test ran' };
}

/** Each tree takes the next one as soon as it is free. */
async function inParallel(trees, items, work) {
  const results = new Array(items.length);
  let next = 0;
  const take = async (tree) => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(tree, items[index]);
      const { verdict, name } = results[index];
      if (verdict !== 'killed') console.log(`${verdict}: ${name}`);
    }
  };
  await Promise.all(trees.map(take));
  return results;
}

function printTable(rows) {
  const cells = rows.map(({ name, file, verdict, by, seconds }) => [verdict, name, file, seconds.toFixed(1), by]);
  const table = [['', 'mutant', 'file', 's', 'found by'], ...cells];
  const widths = table[0].map((_, column) => Math.min(60, Math.max(...table.map((row) => row[column].length))));
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.slice(0, 110).padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}
