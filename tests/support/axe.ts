/** Runs axe-core inside a page and reports its violations of WCAG 2.2 AA and of its best practices. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestPage } from './browser';

export interface Violation {
  rule: string;
  impact: string;
  help: string;
  /** The elements, as HTML, with what axe says about each. */
  elements: string[];
}

interface AxeResults {
  violations: { id: string; impact: string | null; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

declare const axe: { run(context: Document, options: object): Promise<AxeResults> };

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The violations of the page as it is now; an empty list is what tests want. `without` names rules to leave out. */
export async function findViolations(page: TestPage, without: string[] = []): Promise<Violation[]> {
  // The library is put into the page as text: the page's policy forbids scripts from elsewhere, not what a debugger evaluates.
  await page.evaluate(`${source}; undefined`);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const violations = await page.evaluate(
    async (values, ruleOptions) => {
      // Colours that fade over into each other are judged where they arrive; what runs forever has no end.
      for (const animation of document.getAnimations())
        if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
      const results = await axe.run(document, {
        runOnly: { type: 'tag', values },
        rules: ruleOptions,
        resultTypes: ['violations'],
      });
      return results.violations.map(({ id, impact, help, nodes }) => ({
        rule: id,
        impact: impact ?? '',
        help,
        elements: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`),
      }));
    },
    tags,
    rules,
  );
  return violations;
}
