import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

interface Weights {
  readonly file: string;
  readonly model: { readonly id: string; readonly bytes: number; readonly sha256: string };
  readonly real: boolean;
  readonly source: string;
}
interface Source {
  readonly name: string;
  readonly find: (wanted: { readonly cached: string; readonly url: string }) => Promise<string | undefined>;
}
const script: string = '../../scripts/model-weights.mjs';
const { findWeights, allSources } = (await import(script)) as {
  findWeights: (options: {
    id?: string;
    cacheDir: string;
    log: (sentence: string) => void;
    sources: readonly Source[];
  }) => Promise<Weights>;
  allSources: readonly Source[];
};

const cacheDir = mkdtempSync(join(tmpdir(), 'oriel-weights-'));
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

test('the nearest source is asked first', () => {
  expect(allSources.map(({ name }) => name)).toEqual(['the cache', 'ORIEL_MODEL_FILE', 'the model hub', 'the Python package']);
});

test('a file that is not the pinned one is refused, and without any other the toy model is made and said to be one', async () => {
  const sentences: string[] = [];
  const wrong = {
    name: 'a stranger',
    find: async () => {
      const file = join(cacheDir, 'wrong.gguf');
      writeFileSync(file, 'wrong');
      return file;
    },
  };
  const broken = { name: 'a broken source', find: () => Promise.reject(new Error('it is off.')) };

  const weights = await findWeights({ cacheDir, log: (sentence) => sentences.push(sentence), sources: [wrong, broken] });

  expect(sentences).toEqual([
    'The model from a stranger is refused: it has 5 bytes instead of 98362432.',
    'No model from a broken source: it is off.',
    expect.stringContaining('toy model'),
  ]);
  expect(weights).toMatchObject({ real: false, model: { id: 'oriel-toy', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  const bytes = readFileSync(weights.file);
  expect(bytes.subarray(0, 4).toString()).toBe('GGUF');
  expect(bytes).toHaveLength(weights.model.bytes);
});

test('another model of the shelf is asked for by its name, and no package carries it', async () => {
  const asked: string[] = [];
  const listening = { name: 'a listener', find: async ({ url }: { url: string }) => void asked.push(url) };
  const options = { cacheDir, log: () => undefined, sources: [listening, ...allSources.slice(3)] };
  expect(await findWeights({ id: 'qwen3-0.6b', ...options })).toMatchObject({ real: false });
  expect(asked).toEqual([expect.stringMatching(/\/Qwen3-0\.6B-Q8_0\.gguf$/)]);
  await expect(findWeights({ id: 'nobody', ...options })).rejects.toThrow('There are: smollm2-135m-instruct, ');
});
