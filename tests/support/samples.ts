/** Takes the code that a document shows, and runs it as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

export const root = `${join(import.meta.dirname, '../..')}/`;

/** Every block of code of a document in a language. */
const samplesOf = (path: string, language: string) =>
  [...readFileSync(root + path, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code = '']) => code,
  );

const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...args: unknown[]) => Promise<Record<string, unknown>>;

/**
 * Runs a sample and gives what it called its results.
 * @param scope what the page around it has, with `load` for what it imports
 */
export async function run(code: string, scope: Readonly<Record<string, unknown>> = {}, results: readonly string[] = []) {
  const body = code.replaceAll(
    /^import (\{[^}]*\}) from '([^']*)';$/gm,
    (_all, names: string, from: string) => `const ${names.replaceAll(' as ', ': ')} = await load('${from}');`,
  );
  expect(body).not.toMatch(/^import /m);
  const names = Object.keys(scope);
  return new AsyncFunction(...names, `${body}\nreturn { ${results.join(', ')} };`)(...names.map((name) => scope[name]));
}

/** What is done with each sample of a document, in their order. One that nothing is done with fails. */
export function testSamples(
  path: string,
  language: string,
  runs: readonly ((code: string) => Promise<void>)[],
  tidyUp: () => void = () => undefined,
): void {
  test(`${path}: each of its ${runs.length} samples in ${language} does what it says`, async () => {
    const samples = samplesOf(path, language);
    expect(samples).toHaveLength(runs.length);
    for (const [index, sample] of samples.entries()) {
      await runs[index]?.(sample);
      tidyUp();
    }
  });
}

/** What a sample shows its visitor. */
export const show = () => {
  const shown: string[] = [];
  return { shown, show: (text: string) => shown.push(text) };
};
