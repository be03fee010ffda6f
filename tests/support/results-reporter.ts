/** A vitest reporter that writes what scripts/test.mjs counts; vitest's own JSON reporter leaves out why a test was skipped. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** The content of the file named by ORIEL_RESULTS. */
export interface Results {
  passed: string[];
  failed: string[];
  skipped: { name: string; reason: string }[];
}

/** Writes the results at the end of the run. */
export default class ResultsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]) {
    const path = process.env.ORIEL_RESULTS;
    if (path) writeFileSync(path, JSON.stringify(toResults(modules, unhandledErrors)));
  }
}

function toResults(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): Results {
  const results: Results = { passed: [], failed: [], skipped: [] };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      // Errors beside the tests: a file that cannot be loaded, a hook that throws.
      for (const { message } of suite.errors()) results.failed.push(`${module.relativeModuleId}: ${firstLine(message)}`);
    }
    for (const test of module.children.allTests()) addTest(results, module, test);
  }
  for (const { message } of unhandledErrors) results.failed.push(`unhandled error: ${firstLine(message)}`);
  return results;
}

function addTest(results: Results, module: TestModule, test: TestCase) {
  const name = `${module.relativeModuleId}: ${test.fullName}`;
  const result = test.result();
  if (result.state === 'passed') results.passed.push(name);
  else if (result.state === 'failed') results.failed.push(name);
  else if (result.state === 'skipped') results.skipped.push({ name, reason: result.note ?? 'no reason given' });
  else results.failed.push(`${name} (did not end)`);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
