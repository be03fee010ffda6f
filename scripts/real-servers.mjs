/**
 * Builds the real servers that `npm run test:full` asks, once: llama.cpp's own, from the source that the npm package `node-llama-cpp` carries;
 * Python's `llama-cpp-python[server]`, from its source package; LiteLLM's proxy; and for `npm run bench` node-llama-cpp as it is. Node's own modules only.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const versions = { llamaServer: '3.22.1', llamaPython: '0.3.36', liteLlm: '1.108.7' };
const cache = join(fileURLToPath(new URL('..', import.meta.url)), 'node_modules', '.cache');
/** The tiny models need no speed, and this builds in half the time. */
const build = ['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_CXX_FLAGS_RELEASE=-O1', '-DCMAKE_C_FLAGS_RELEASE=-O1'];

const can = (command) => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Runs `make` in a new folder that gets its name when all of it went well: a build that was broken off is none. */
function once(folder, needed, title, make) {
  if (existsSync(folder)) return undefined;
  const absent = needed.filter((command) => !can(command));
  if (absent.length > 0) return `${title} cannot be built here without ${absent.join(', ')}`;
  const place = `${folder}.part`;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  console.log(`Building ${title}, once. This takes minutes.`);
  const run = (command, args, { cwd = place, env = {} } = {}) =>
    execFileSync(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      maxBuffer: 2 ** 28,
    });
  try {
    make(run, place);
    renameSync(place, folder);
    return undefined;
  } catch (cause) {
    const said = String(cause.stderr ?? cause.message)
      .trim()
      .split('\n')
      .slice(-5)
      .join('\n');
    console.error(said);
    return `${title} could not be built: ${said.split('\n').at(-1)}`;
  }
}

/** The path of llama.cpp's server, about ten minutes on two cores where it is not there yet; or why it is missing. */
export function llamaServer() {
  const named = process.env.ORIEL_LLAMA_SERVER;
  if (named) return { path: named };
  const folder = join(cache, `llama-server-${versions.llamaServer}`);
  const missing = once(folder, ['git', 'cmake', 'c++', 'tar'], 'llama.cpp’s server', (run, place) => {
    run('npm', ['pack', '--silent', `node-llama-cpp@${versions.llamaServer}`]);
    run('tar', ['xzf', `node-llama-cpp-${versions.llamaServer}.tgz`]);
    run('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', 'package/llama/gitRelease.bundle', 'llama.cpp']);
    const off = ['LLAMA_CURL', 'LLAMA_OPENSSL', 'LLAMA_BUILD_TESTS', 'LLAMA_BUILD_EXAMPLES', 'BUILD_SHARED_LIBS'];
    const cwd = join(place, 'llama.cpp');
    run('cmake', ['-B', 'build', ...build, ...off.map((option) => `-D${option}=OFF`)], { cwd });
    run('cmake', ['--build', 'build', '--target', 'llama-server', '-j', '2'], { cwd });
  });
  return missing === undefined ? { path: join(folder, 'llama.cpp', 'build', 'bin', 'llama-server') } : { missing };
}

/** The main file of `node-llama-cpp` with its own binary for this machine's processor, or why it is missing. */
export function nodeLlama() {
  const folder = join(cache, `node-llama-cpp-${versions.llamaServer}`);
  const binary = {
    'linux-x64': 'linux-x64',
    'linux-arm64': 'linux-arm64',
    'darwin-arm64': 'mac-arm64-metal',
    'darwin-x64': 'mac-x64',
  }[`${process.platform}-${process.arch}`];
  if (binary === undefined) return { missing: 'node-llama-cpp carries no binary for this machine' };
  const missing = once(folder, ['npm'], 'node-llama-cpp', (run, place) => {
    // Its other binaries, for GPUs, are hundreds of megabytes; its script would look for one to build.
    const few = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
    const packages = ['node-llama-cpp', `@node-llama-cpp/${binary}`].map((name) => `${name}@${versions.llamaServer}`);
    run('npm', ['install', '--prefix', place, ...few, ...packages]);
  });
  return missing === undefined ? { path: join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js') } : { missing };
}

/** The Python that has `llama_cpp.server`, or why it is missing. */
export function llamaPython() {
  const named = process.env.ORIEL_LLAMA_PYTHON;
  if (named) return { path: named };
  const folder = join(cache, `llama-cpp-python-${versions.llamaPython}`);
  // Scripts of a virtual environment name their folder, but nobody runs those: only the interpreter, which finds its own.
  const missing = once(folder, ['python3', 'c++'], 'llama-cpp-python', (run, place) => {
    run('python3', ['-m', 'venv', place]);
    const env = { CMAKE_ARGS: ['-DLLAVA_BUILD=OFF', ...build].join(' '), CMAKE_BUILD_PARALLEL_LEVEL: '2' };
    run(join(place, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `llama-cpp-python[server]==${versions.llamaPython}`], {
      env,
    });
  });
  return missing === undefined ? { path: join(folder, 'bin', 'python') } : { missing };
}

/** The Python that has `litellm`, with the proxy; or why it is missing. */
export function liteLlm() {
  const named = process.env.ORIEL_LITELLM;
  if (named) return { path: named };
  const folder = join(cache, `litellm-${versions.liteLlm}`);
  const missing = once(folder, ['python3'], 'LiteLLM’s proxy', (run, place) => {
    run('python3', ['-m', 'venv', place]);
    run(join(place, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', `litellm[proxy]==${versions.liteLlm}`]);
  });
  return missing === undefined ? { path: join(folder, 'bin', 'python') } : { missing };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, missing } of [llamaServer(), llamaPython(), liteLlm()]) console.log(path ?? missing);
}
