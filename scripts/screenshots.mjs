/**
 * `npm run screenshots [-- --readme]`: every screen in both themes and three widths, from the real extension in Chromium with a stand-in server
 * behind it. With `--readme` the four of the README are made anew.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBrowsers, ensurePackages, root } from './setup.mjs';
import { openTypeScript } from './typescript.mjs';

const folder = join(root, '.output', 'screenshots');
const widths = [320, 700, 1200];
const routes = ['connections', 'connections/add', 'sites', 'usage', 'activity', 'models', 'security', 'about'];
const readme = [
  ['approval-420-light', 'approval-light'],
  ['approval-420-dark', 'approval-dark'],
  ['popup-380-light', 'popup-light'],
  ['connections-1200-light', 'options-light'],
];

ensurePackages();
const problems = ensureBrowsers(['chromium']);
if (problems.length > 0) throw new Error(problems.join('\n'));
const wxt = join(root, 'node_modules', 'wxt', 'bin', 'wxt.mjs');
const { status, stderr } = spawnSync(process.execPath, [wxt, 'build', '-b', 'chrome'], { cwd: root, encoding: 'utf8' });
if (status !== 0) throw new Error(stderr);
process.chdir(root);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const typescript = await openTypeScript();
const { openOriel, start, answerApproval, settled } = await typescript.load('tests/e2e/support/oriel.ts');
const { startVendors } = await typescript.load('tests/support/vendors.ts');
const host = 'garden.example';
const hosts = new Map();
const web = await startVendors(hosts);
const oriel = await openOriel('chromium', { models: ['qwen3-8b', 'gemma-3-4b'] }, { firstRun: true, vendors: web });
hosts.set(host, oriel.pages.port);
try {
  await shoot(await oriel.browser.waitForPage('welcome.html', 10_000), 'welcome', widths);
  await oriel.connect({ name: 'Desk server' });
  const page = await oriel.browser.newPage(`https://${host}/`);
  await page.click('button', 'Use the page');
  const call = await start(page, { prompt: 'When do I plant garlic?' });
  const approval = await oriel.browser.waitForPage('approval.html', 10_000);
  await approval.waitForRole('button', 'Allow this visit');
  await delay(1000);
  await shoot(approval, 'approval', [320, 420], 600);
  await answerApproval(oriel.browser, 'Always allow');
  await settled(page, call);
  await shoot(await oriel.popupOverLastTab(), 'popup', [320, 380], 640);
  for (const route of routes) {
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl(`options.html#${route}`));
    await shoot(options, route.replace('/', '-'), widths);
    await options.close();
  }
  await shoot(await oriel.browser.newPage(oriel.browser.extensionUrl('sidepanel.html')), 'chat', [320, 400]);
} finally {
  await oriel.close();
  await web.close();
  await typescript.close();
}
if (process.argv.includes('--readme'))
  for (const [made, shown] of readme)
    copyFileSync(join(folder, `${made}.png`), join(root, 'docs', 'screenshots', `${shown}.png`));
console.log(`screenshots: ${folder}`);
process.exit();

async function shoot(page, name, sizes, height = 760) {
  for (const width of sizes)
    for (const theme of ['light', 'dark']) {
      await page.setViewport(width, height);
      await page.emulateDark(theme === 'dark');
      // Colours fade over into each other.
      await delay(400);
      await page.screenshot(join(folder, `${name}-${width}-${theme}.png`));
    }
}
