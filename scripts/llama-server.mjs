/** Builds llama.cpp's server from the source that the npm package `node-llama-cpp` carries, once, for the tests of `npm run test:full`. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '3.22.1';
const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'node_modules', '.cache', `llama-server-${version}`);

const can = (command) => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The path of the server, built if need be (about ten minutes on two cores); undefined where it cannot be built. */
export async function llamaServer() {
  const named = process.env.ORIEL_LLAMA_SERVER;
  if (named) return named;
  const binary = join(folder, 'llama.cpp', 'build', 'bin', 'llama-server');
  if (existsSync(binary)) return binary;
  if (!['git', 'cmake', 'c++', 'tar'].every(can)) return undefined;
  mkdirSync(folder, { recursive: true });
  const run = (command, args, cwd = folder) => execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  console.log('Building llama.cpp’s server, once. This takes minutes.');
  run('npm', ['pack', '--silent', `node-llama-cpp@${version}`]);
  const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  run('tar', ['xzf', archive]);
  run('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', 'package/llama/gitRelease.bundle', 'llama.cpp']);
  const source = join(folder, 'llama.cpp');
  const options = [
    'LLAMA_CURL=OFF',
    'LLAMA_OPENSSL=OFF',
    'LLAMA_BUILD_TESTS=OFF',
    'LLAMA_BUILD_EXAMPLES=OFF',
    'BUILD_SHARED_LIBS=OFF',
  ];
  run('cmake', ['-B', 'build', '-DCMAKE_BUILD_TYPE=Release', ...options.map((option) => `-D${option}`)], source);
  run('cmake', ['--build', 'build', '--target', 'llama-server', '-j', '2'], source);
  return binary;
}
