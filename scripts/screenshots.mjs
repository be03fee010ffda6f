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
/** Milliseconds in which a screen has drawn what the background told it. */
const settling = 800;
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
const { startOllamaServer } = await typescript.load('tests/support/servers/ollama-server.ts');
const { startOpenAiServer } = await typescript.load('tests/support/servers/openai-server.ts');
const host = 'garden.example';
const hosts = new Map();
const web = await startVendors(hosts);
const models = ['qwen3-8b', 'gemma-3-4b'];
const oriel = await openOriel('chromium', { models }, { firstRun: true, vendors: web });
hosts.set(host, oriel.pages.port);
const ollama = await startOllamaServer({ port: 11434 });
const closed = await startOpenAiServer({ apiKey: 'sesame-0123456789' });
const dying = await startOpenAiServer({ models });
try {
  await firstRun();
  await requests();
  for (const route of routes) await screen(`options.html#${route}`, route.replace('/', '-'), widths);
  await screen('sidepanel.html', 'chat', [320, 400]);
  await failures();
  await unfinished();
  await store();
} finally {
  await oriel.close();
  for (const server of [web, ollama, closed, dying]) await server.close();
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

function open(path) {
  return oriel.browser.newPage(oriel.browser.extensionUrl(path));
}

/** A screen as it opens. */
async function screen(path, name, sizes, height) {
  const page = await open(path);
  await delay(settling);
  await shoot(page, name, sizes, height);
  await page.close();
}

/** The first run: its doors, two of them open, and what is connected. */
async function firstRun() {
  const welcome = await oriel.browser.waitForPage('welcome.html', 10_000);
  await shoot(welcome, 'welcome', widths);
  await welcome.click('button', 'On this computer');
  await welcome.waitForText('Ollama at 127.0.0.1:11434', { timeoutMs: 8000 });
  await shoot(welcome, 'welcome-computer', widths, 1200);
  await welcome.click('button', 'I have a key or a server');
  await welcome.fill('Key or address', 'sk-ant-api03-0123456789abcdef');
  await shoot(welcome, 'welcome-key', widths, 900);
  await welcome.close();
  await oriel.connect({ name: 'Desk server' });
  await screen('welcome.html', 'welcome-connected', widths, 1000);
}

/** A site asks and is allowed, another one is refused. */
async function requests() {
  const page = await oriel.browser.newPage(`https://${host}/`);
  await page.click('button', 'Use the page');
  const call = await start(page, { prompt: 'When do I plant garlic?' });
  const approval = await oriel.browser.waitForPage('approval.html', 10_000);
  await approval.waitForRole('button', 'Allow this visit');
  await delay(settling);
  await shoot(approval, 'approval', [320, 420], 600);
  await answerApproval(oriel.browser, 'Always allow');
  await settled(page, call);
  await shoot(await oriel.popupOverLastTab(), 'popup', [320, 380], 640);
  const other = await oriel.visit('refused.localhost');
  const refused = await start(other, { prompt: 'Please' });
  await answerApproval(oriel.browser, "Don't allow");
  await settled(other, refused);
}

/** What answers is gone while another connection works. */
async function failures() {
  await oriel.connect({ name: 'Laptop', address: dying.baseUrl });
  await use('Laptop');
  await dying.close();
  const page = await oriel.browser.newPage(`https://${host}/`);
  await settled(page, await start(page, { prompt: 'And onions?' }));
  await shoot(await oriel.popupOverLastTab(), 'popup-failure', [320, 380], 700);
  const chat = await open('sidepanel.html');
  await chat.fill('Message', 'And onions?');
  await chat.click('button', 'Send');
  await chat.waitForRole('button', 'Use Desk server instead');
  await shoot(chat, 'chat-failure', [320, 400], 700);
  await chat.close();
}

/** A connection that was saved and does not answer, and the way back to it. */
async function unfinished() {
  await use('Desk server');
  const welcome = await open('welcome.html');
  await welcome.click('button', 'Connect another model');
  await welcome.click('button', 'I have a key or a server');
  await welcome.fill('Key or address', closed.baseUrl);
  await welcome.click('button', 'Connect');
  await welcome.waitForText('Finish connecting', { timeoutMs: 8000 });
  await shoot(welcome, 'welcome-unfinished', widths, 900);
  await welcome.click('button', 'Close');
  await shoot(welcome, 'welcome-saved', widths, 900);
  await welcome.close();
}

async function use(name) {
  const popup = await open('popup.html');
  await popup.select('Active connection', name);
  await delay(settling);
  await popup.close();
}

/** The database was written by a later version of Oriel. */
async function store() {
  const page = await open('options.html#about');
  await page.evaluate(async () => {
    const [{ name, version }] = await indexedDB.databases();
    await new Promise((done, fail) => {
      const request = indexedDB.open(name, version + 1000);
      request.onsuccess = () => done(request.result.close());
      request.onerror = fail;
    });
  });
  await page.close();
  await screen('options.html#connections', 'store', widths);
  await screen('popup.html', 'store-popup', [320, 380], 600);
}
