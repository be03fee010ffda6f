/** The package as it is published: packed, put into a project that has nothing else, compiled against and run there. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, '.output', 'client');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

let project: string;
beforeAll(async () => {
  if (!existsSync(join(built, 'package.json'))) throw new Error('.output/client is missing: run `npm run build` first.');
  project = mkdtempSync(join(tmpdir(), 'oriel-client-'));
  const { stdout } = await run('npm', ['pack', built, '--json', '--pack-destination', project]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const home = join(project, 'node_modules', 'oriel-client');
  mkdirSync(home, { recursive: true });
  await run('tar', ['xzf', join(project, filename), '-C', home, '--strip-components=1']);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterAll(() => project && rmSync(project, { recursive: true, force: true }));

const home = () => join(project, 'node_modules', 'oriel-client');

test('it is complete and has nothing else in it', () => {
  const files = readdirSync(home());
  for (const name of [
    'README.md',
    'LICENSE',
    'oriel.min.js',
    'index.js',
    'index.d.ts',
    'ai-sdk.js',
    'testing.js',
    'window-ai.js',
  ])
    expect(files).toContain(name);
  expect(files.filter((name) => !/\.(js|d\.ts)$/.test(name)).sort()).toEqual([
    'LICENSE',
    'README.md',
    'package.json',
    'window-ai.md',
  ]);
  const { dependencies, peerDependencies, sideEffects } = JSON.parse(readFileSync(join(home(), 'package.json'), 'utf8'));
  expect([dependencies, peerDependencies, sideEffects]).toEqual([undefined, undefined, false]);
});

const page = `
import type {} from 'oriel-client/globals';
import { collect, defineOrielButton, getOriel, type OrielButtonElement } from 'oriel-client';
import { createOriel } from 'oriel-client/ai-sdk';
import { installFakeOriel } from 'oriel-client/testing';
import { getWindowAI, isMessageOutput } from 'oriel-client/window-ai';

export async function ask(): Promise<string> {
  defineOrielButton({ installUrl: 'https://site.test' });
  const button = document.querySelector<OrielButtonElement>('oriel-button');
  const oriel = button?.oriel ?? (await getOriel({ timeout: 100 })) ?? window.ai;
  if (!oriel) return 'none';
  const permission = await oriel.connect({ scopes: ['tools'] });
  const name = permission.state === 'granted' ? permission.model.id : 'unknown';
  const [output] = await (await getWindowAI()).generateText({ prompt: 'Hi' });
  const answer = await collect(oriel.generate({ messages: [{ role: 'user', content: 'Hi' }] }));
  const { doGenerate } = createOriel({ oriel })(name);
  void [doGenerate, output && isMessageOutput(output), installFakeOriel];
  // @ts-expect-error there is no such scope
  await oriel.connect({ scopes: ['camera'] });
  return answer.text;
}
`;

test('its documents lead to nothing that is not in it', () => {
  const links = ['README.md', 'window-ai.md'].flatMap((name) =>
    [...readFileSync(join(home(), name), 'utf8').matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link),
  );
  expect(links.length).toBeGreaterThan(1);
  expect(links.filter((link) => !existsSync(join(home(), link)))).toEqual([]);
});

test.each([
  ['a bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ['Node', { module: 'nodenext', moduleResolution: 'nodenext' }],
])('a project with nothing else compiles against it, resolved as %s does', async (_name, resolution) => {
  writeFileSync(join(project, 'page.ts'), page);
  const compilerOptions = {
    ...resolution,
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    // The package's own declarations are looked at as well.
    skipLibCheck: false,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.ts'] }));
  const compiled = await run(process.execPath, [tsc, '-p', project]).catch(({ stdout }: { stdout: string }) => ({ stdout }));
  expect(compiled.stdout).toBe('');
});

test('Node imports each of its addresses as it is, and a page’s code runs there on the fake wallet', async () => {
  writeFileSync(
    join(project, 'run.mjs'),
    `import { collect, defineOrielButton, getOriel } from 'oriel-client';
     import 'oriel-client/window-ai';
     import { createOriel } from 'oriel-client/ai-sdk';
     import { createFakeOriel } from 'oriel-client/testing';
     const { oriel } = createFakeOriel();
     const { text } = await collect(oriel.generate({ messages: [{ role: 'user', content: 'Hi' }] }));
     const { content } = await createOriel({ oriel })().doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Ho' }] }] });
     console.log(JSON.stringify([text, content[0].text, await getOriel(), defineOrielButton({ installUrl: 'x' })]));`,
  );
  const { stdout } = await run(process.execPath, [join(project, 'run.mjs')]);
  expect(JSON.parse(stdout)).toEqual(['You said: Hi', 'You said: Ho', null, false]);
});

test('the one file for a plain script is self-contained, and has at most 3,300 bytes compressed', () => {
  const text = readFileSync(join(home(), 'oriel.min.js'));
  expect(text.toString()).not.toMatch(/\bimport\b/);
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(3_300);
});
