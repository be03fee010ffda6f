/** `npm test`: sets up what is missing, runs all stages one after the other, and ends with the line `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { liteLlm, llamaPython, llamaServer } from './real-servers.mjs';
import { ensureBrowsers, ensurePackages, root } from './setup.mjs';

const full = process.argv.includes('--full');
const minute = 60_000;
const resultsFolder = join(root, '.cache', 'test-results');
/** One per check or test file that could not even be counted. */
const failed = [];
const skipped = [];
/** Failed beside other browsers, and passed alone. */
const unsteady = [];
const mostUnsteady = 3;
let passed = 0;

rmSync(resultsFolder, { recursive: true, force: true });
mkdirSync(resultsFolder, { recursive: true });
await main();
report();

async function main() {
  try {
    ensurePackages();
  } catch (cause) {
    failed.push(`setup: ${cause.message}`);
    return;
  }
  const missing = ensureBrowsers();
  await check('lint', ['run', 'lint']);
  await check('types', ['run', 'types']);
  // Their tests are skipped, with the reason, where one cannot be had.
  if (full) for (const { missing } of [llamaServer(), llamaPython(), liteLlm()]) if (missing) console.log(missing);
  await tests('unit', ['--coverage']);
  const built = await check('build', ['run', 'build']);
  if (!built) {
    failed.push('build checks: not run, because there is no build', 'e2e: not run, because there is no build');
    return;
  }
  await tests('build');
  for (const sentence of missing) failed.push(`e2e: ${sentence}`);
  if (missing.length > 0) return;
  await tests('e2e-alone', ['--maxWorkers=1'], again);
  await tests('e2e', ['--maxWorkers=3'], again);
}

/** A stage that passes or fails as a whole. */
async function check(name, npmArguments) {
  const ended = await run(name, npmArguments);
  if (ended === 0) passed += 1;
  else failed.push(`${name}: ${ended}`);
  return ended === 0;
}

/**
 * A stage that is a vitest project; its tests are counted one by one.
 * @param settle what becomes of results with failures before they are counted
 */
async function tests(project, options = [], settle = async (_project, results) => results) {
  const [ended, first] = await vitest(project === 'build' ? 'build checks' : project, project, options);
  if (!first) {
    failed.push(`${project}: vitest wrote no results (${ended})`);
    return;
  }
  const results = first.failed.length > 0 ? await settle(project, first) : first;
  passed += results.passed.length;
  failed.push(...results.failed.map((name) => `${project}: ${name}`));
  skipped.push(...results.skipped.map(({ name, reason }) => `${project}: ${name} (${reason})`));
  if (results.failed.length > 0) return;
  if (results.passed.length === 0) failed.push(`${project}: no test ran`);
  // For example where the coverage is below a threshold.
  else if (ended !== 0 && results === first) failed.push(`${project}: vitest ended with ${ended} although its tests passed`);
}

/** How it ended, and what was counted, where that was written. */
async function vitest(title, project, options) {
  const file = join(resultsFolder, `${title}.json`);
  const reporters = ['--reporter=default', '--reporter=./tests/support/results-reporter.ts'];
  const ended = await run(title, ['exec', '--', 'vitest', 'run', '--project', project, ...reporters, ...options], {
    ORIEL_RESULTS: file,
  });
  return [ended, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined];
}

/**
 * A browser, and what else a machine does, may take the time that a test waits for: the files with a failure run once more, one after the other, and
 * nothing but what this run says of them counts. What passes then is told as unsteady, so that it gets mended; where that is more than a few,
 * something else is wrong, and all have failed.
 */
async function again(project, first) {
  const fileOf = (name) => name.split(': ')[0];
  const files = [...new Set(first.failed.map(fileOf))];
  if (first.failed.length > mostUnsteady || files.some((file) => !existsSync(join(root, file)))) return first;
  const [, second] = await vitest(`${project} again`, project, ['--maxWorkers=1', ...files]);
  if (!second) return first;
  unsteady.push(...first.failed.filter((name) => !second.failed.includes(name)).map((name) => `${project}: ${name}`));
  const isOfOthers = (name) => !files.includes(fileOf(name));
  return {
    passed: [...first.passed.filter(isOfOthers), ...second.passed],
    failed: second.failed,
    skipped: [...first.skipped.filter(({ name }) => isOfOthers(name)), ...second.skipped],
  };
}

/** Runs npm with its output shown. Gives 0, or the exit code, or what ended it. */
function run(title, npmArguments, extra = {}) {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 76 - title.length))}`);
  const started = Date.now();
  const environment = { ...process.env, ...(full ? { ORIEL_FULL: '1' } : {}), ...extra };
  // A group of its own, so that a stage that hangs can be ended with all it has started.
  const windows = process.platform === 'win32';
  const child = spawn('npm', npmArguments, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
    shell: windows,
    detached: !windows,
  });
  return new Promise((resolve) => {
    const limit = full ? 180 * minute : 30 * minute;
    let overtime = false;
    const end = () => {
      endGroup(child, 'SIGTERM');
      setTimeout(() => endGroup(child, 'SIGKILL'), 5000).unref();
    };
    const timer = setTimeout(() => {
      overtime = true;
      end();
    }, limit);
    /** Whoever stops the tests wants none of the stages that follow. */
    const stop = (_signal, number) => {
      child.once('exit', () => process.exit(128 + number));
      end();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    child.once('error', (cause) => resolve(cause.message));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      console.log(`── ${title}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
      resolve(overtime ? `not done after ${limit / minute} minutes` : (code ?? signal));
    });
  });
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // ESRCH: it has ended meanwhile.
    child.kill(signal);
  }
}

function report() {
  console.log('');
  for (const name of skipped) console.log(`skipped  ${name}`);
  if (unsteady.length > mostUnsteady) failed.push(...unsteady.splice(0));
  for (const name of unsteady) console.log(`unsteady ${name}`);
  for (const name of failed) console.log(`failed   ${name}`);
  console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
