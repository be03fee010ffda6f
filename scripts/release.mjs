/**
 * `npm run release -- 0.2.0` makes a release candidate: sets the version, dates the changelog's section, and lays into `.output/release` the zips,
 * what they are made of (`sbom.json`), their SHA-256 and the notes. It commits nothing and sends nothing. Node's own modules and git only.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (command, ...args) =>
  execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });

/** The three files that are made of a version. The one of the sources is for the reviewers of addons.mozilla.org. */
export const zipsOf = (version) => ['chrome', 'firefox', 'sources'].map((name) => `oriel-${version}-${name}.zip`);

/** The changelog with its unreleased part under the new version, and that part alone. Throws where it is empty. */
export function cutChangelog(text, version, date) {
  const [, before, unreleased, after] = /^([\s\S]*?)^## Unreleased\n([\s\S]*?)((?:^## [\s\S]*)?)$(?![\s\S])/m.exec(text) ?? [];
  const notes = unreleased?.trim();
  if (!notes) throw new Error('CHANGELOG.md has nothing under "## Unreleased".');
  return { changelog: `${before}## Unreleased\n\n## ${version} (${date})\n\n${notes}\n${after ? `\n${after}` : ''}`, notes };
}

/** What the commits since the last release say they do for people, in the order of their time. */
export const commitsByKind = (subjects) =>
  [
    ['New', 'feat'],
    ['Mended', 'fix'],
    ['Faster', 'perf'],
  ].flatMap(([title, kind]) => {
    const lines = subjects.filter((subject) => new RegExp(`^${kind}(\\([^)]*\\))?!?: `).test(subject));
    return lines.length === 0 ? [] : [`### ${title}`, '', ...lines.map((line) => `- ${line.replace(/^[^:]*: /, '')}`), ''];
  });

function subjectsSinceLast() {
  const [last] = run('git', 'tag', '--list', 'v*', '--sort=-v:refname').split('\n');
  const log = run('git', 'log', '--no-merges', '--reverse', '--format=%s', last ? `${last}..HEAD` : 'HEAD');
  return log.split('\n').filter(Boolean);
}

function release(version) {
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) throw new Error('Say which version: npm run release -- 0.2.0');
  if (run('git', 'status', '--porcelain') !== '')
    throw new Error('There are changes that are not committed: a release is made of a commit.');
  const changelogFile = join(root, 'CHANGELOG.md');
  const { changelog, notes } = cutChangelog(readFileSync(changelogFile, 'utf8'), version, new Date().toISOString().slice(0, 10));
  const subjects = subjectsSinceLast();
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
  writeFileSync(changelogFile, changelog);
  run('npm', 'run', 'zip');

  const folder = join(root, '.output', 'release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const zips = zipsOf(version);
  for (const name of zips) copyFileSync(join(root, '.output', name), join(folder, name));
  writeFileSync(join(folder, 'sbom.json'), run('npm', 'sbom', '--sbom-format=cyclonedx', '--omit=dev'));
  writeFileSync(join(folder, 'NOTES.md'), `${[notes, '', '## Commits', '', ...commitsByKind(subjects)].join('\n').trimEnd()}\n`);
  const sums = [...zips, 'sbom.json'].map((name) => {
    const sum = createHash('sha256').update(readFileSync(join(folder, name)));
    return `${sum.digest('hex')}  ${name}`;
  });
  writeFileSync(join(folder, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  console.log(sums.join('\n'));
  console.log(
    `\nIn .output/release. Look at the changelog, then: git commit -am "chore: release ${version}" && git tag v${version}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    release(process.argv[2]);
  } catch (cause) {
    console.error(cause.message);
    process.exitCode = 1;
  }
}
