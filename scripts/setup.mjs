/** Puts on this machine what a fresh clone needs: the npm packages and the two browsers. Node's own modules only. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Branded Chrome is left out: it no longer loads an extension from a folder. */
const browsers = {
  chromium: {
    title: 'Chromium',
    variable: 'ORIEL_CHROMIUM',
    debianPackage: 'chromium',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/snap/bin/chromium',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
  },
  firefox: {
    title: 'Firefox',
    variable: 'ORIEL_FIREFOX',
    debianPackage: 'firefox-esr',
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/snap/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
  },
};

/** Installs the npm packages where they are missing or older than the lock file. */
export function ensurePackages() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log('Installing the npm packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

/** The executable of `chromium` or `firefox`, or undefined. The environment wins: `ORIEL_CHROMIUM`, `ORIEL_FIREFOX`. */
export function findBrowser(name) {
  const { variable, places } = browsers[name];
  return process.env[variable] ?? places.find(existsSync);
}

/**
 * Installs missing browsers where that is possible (Debian, as root) and puts the paths into the environment, where the tests read them.
 * Gives one sentence for each browser that is still missing.
 */
export function ensureBrowsers(names = ['chromium', 'firefox']) {
  const missing = names.filter((name) => findBrowser(name) === undefined);
  if (missing.length > 0 && canInstall()) installBrowsers(missing.map((name) => browsers[name].debianPackage));
  const problems = [];
  for (const name of names) {
    const { title, variable, debianPackage } = browsers[name];
    const path = findBrowser(name);
    if (path !== undefined && existsSync(path)) process.env[variable] = path;
    else if (path !== undefined) problems.push(`${variable} names ${path}, which does not exist.`);
    else
      problems.push(
        `${title} is missing: install it (Debian: apt-get install ${debianPackage}), or set ${variable} to its executable.`,
      );
  }
  return problems;
}

/** Everything; throws where packages cannot be installed, gives sentences where browsers are missing. */
export function setUp(names) {
  ensurePackages();
  return ensureBrowsers(names);
}

function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

function installBrowsers(packages) {
  console.log(`Installing ${packages.join(' and ')} (apt-get) …`);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  try {
    run('apt-get', ['update', '-qq'], environment);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], environment);
  } catch (cause) {
    // The caller says which browser is missing and what to do about it.
    console.error(cause.message);
  }
}

function run(command, args, environment = {}) {
  const shell = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell,
    env: { ...process.env, ...environment },
  });
  if (status !== 0)
    throw new Error(`"${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = setUp();
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log('Everything is there.');
  process.exitCode = problems.length === 0 ? 0 : 1;
}
