/** How the tests run: `unit` in node, `build` on the built extension, `e2e` in real browsers. `scripts/test.mjs` runs them in that order. */
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const full = process.env.ORIEL_FULL === '1';
/** Tests that take long are files of their own, `*.full.test.ts` and `*.full.e2e.ts`, and run with `npm run test:full` only. */
const left = full ? configDefaults.exclude : [...configDefaults.exclude, '**/*.full.*'];
/** What looks at the files that the build wrote. */
const ofBuild = ['tests/build.test.ts', 'tests/client/package.test.ts', 'tests/release.full.test.ts'];
const generatedMessages = fileURLToPath(new URL('.wxt/i18n/index.ts', import.meta.url));

/** Where a mistake costs a key, money or a permission: covered to the last line, branch and function. tests/architecture.test.ts holds them to it. */
export const coveredInFull = [
  'protocol/**',
  ...[
    'serve',
    'handle-request',
    'identity',
    'admission',
    'digest',
    'runs',
    'coalesce',
    'chat',
    'selection',
    'breaker',
    'allow',
    'site-answers',
  ],
  'background/openai/**',
  ...['bound-socket', 'bound-stream', 'contents'],
  ...['formed', 'answer-form', 'json-schema', 'json-values', 'json-formats', 'json-prefix', 'regexp', 'regexp-match'],
  ...['gate', 'scopes', 'grants', 'site-records', 'site-decision', 'mutes', 'rules', 'suspicion'],
  ...['approvals', 'approval-cards', 'waiting-page', 'surface'],
  ...['meter', 'account-book', 'budgets', 'budget-api', 'charges', 'prices', 'rates'],
  ...[
    'database',
    'rows',
    'remembered',
    'stored',
    'store',
    'unreadable-rows',
    'row-schemas',
    'transfer',
    'transfer-file',
    'transfer-sites',
  ],
  ...['vault', 'vault-api', 'vault-records', 'sealed', 'unlocked', 'unlocks', 'security', 'vault-copy', 'repair-keys', 'kdf'],
  ...['egress', 'address', 'redact', 'clean-provider', 'log'],
].map((name) => (name.includes('/') ? name : `background/${name}.ts`));

/** What is held to milliseconds, or opens windows that only a browser in peace opens in time, runs without another browser beside it. */
const measured = ['permissions-queue', 'withdrawn', 'masked', 'stops', 'device-stops', 'private', 'steady'].map(
  (name) => `tests/e2e/${name}.e2e.ts`,
);
const endToEnd = {
  // A process of its own for each file: it ends its browsers when it ends.
  pool: 'forks',
  testTimeout: full ? 900_000 : 60_000,
  hookTimeout: 60_000,
  retry: 0,
} as const;

export default defineConfig({
  resolve: { alias: { '#i18n': generatedMessages } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Files that need a DOM say `@vitest-environment happy-dom`; those that need IndexedDB import `fake-indexeddb/auto`.
          environment: 'node',
          // A computer that does other things as well is no defect; what hangs is found all the same.
          testTimeout: 20_000,
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: [...left, 'tests/e2e/**', ...ofBuild],
        },
      },
      { extends: true, test: { name: 'build', include: ofBuild, exclude: left, testTimeout: 120_000 } },
      // Half an hour in browsers: only scripts/faults.mjs runs it.
      {
        extends: true,
        test: { name: 'faults', include: ['tests/support/faults/*.faults.ts'], env: { ORIEL_ALONE: '1' }, ...endToEnd },
      },
      { extends: true, test: { name: 'e2e-alone', include: measured, exclude: left, env: { ORIEL_ALONE: '1' }, ...endToEnd } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.e2e.ts'],
          exclude: [...left, ...measured],
          ...endToEnd,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['{background,page,protocol,providers}/**/*.ts'],
      exclude: ['tests/**'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 95, branches: 90, ...Object.fromEntries(coveredInFull.map((glob) => [glob, { 100: true }])) },
    },
  },
});
