/** What `npm run release` writes about a version; tests/release.full.test.ts builds the packages. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
// @ts-expect-error: a script without types
import { commitsByKind, cutChangelog } from '../scripts/release.mjs';

test('the unreleased part of the changelog goes under the version and its date, and an empty one is left', () => {
  const text = '# Changelog\n\n## Unreleased\n\n- A thing.\n  More of it.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n';
  const { changelog, notes } = cutChangelog(text, '0.2.0', '2026-11-27');
  expect(notes).toBe('- A thing.\n  More of it.');
  expect(changelog).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-27)\n\n- A thing.\n  More of it.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n',
  );
  expect(() => cutChangelog(changelog, '0.3.0', '2026-12-01')).toThrow('nothing under "## Unreleased"');
});

test('our own changelog can be cut', () => {
  const { notes } = cutChangelog(readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8'), '9.9.9', '2026-11-27');
  expect(notes).toMatch(/^- /);
});

test('commits are told by what they do for people; others are left out', () => {
  const subjects = ['feat: a door', 'test: it opens', 'fix(page)!: it shuts: again', 'docs: where it is', 'feature creep'];
  expect(commitsByKind(subjects)).toEqual(['### New', '', '- a door', '', '### Mended', '', '- it shuts: again', '']);
  expect(commitsByKind([])).toEqual([]);
});
