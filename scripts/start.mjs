/**
 * `npm start`: from a fresh clone to a web page's question answered by a model on this device. Builds, finds the weights, serves them on
 * loopback to the extension's own download, opens a browser and, where there is no display, presses the buttons as a person would.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { ensureBrowsers, ensurePackages, findBrowser, root } from './setup.mjs';

const question = 'What is the capital of France?';
const headless =
  process.argv.includes('--headless') || (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY);
const screenshots = join(root, '.output', 'screenshots');
const minutes = 60_000;
/** Things to close, last first. */
const closers = [];

main()
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  })
  .finally(async () => {
    for (const close of closers.reverse()) await close();
    process.exit();
  });

async function main() {
  ensurePackages();
  const problems = ensureBrowsers(['chromium']);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { findWeights } = await import('./model-weights.mjs');
  const weights = await findWeights({ cacheDir: join(root, '.cache', 'models'), log: console.log });

  const modelUrl = `${await serve(() => weights.file)}/${weights.model.id}.gguf`;
  const demoUrl = `${await serve((path) => join(root, 'demo', path === '/' ? 'index.html' : path.slice(1)))}/`;
  build({ ...weights.model, url: modelUrl });

  const { context, extensionId } = await launch();
  await connect(context);
  const page = await context.newPage();
  await page.goto(demoUrl);
  if (!headless) return waitForClose(context);

  console.log(`model: ${weights.model.name} sha256:${weights.model.sha256.slice(0, 12)}`);
  if (!weights.real) console.log('note: this is only the tiny test model; the real weights could not be had from any source.');
  await ask(context, page, extensionId);
}

/** A server on loopback for files that `fileOf` names by path. */
async function serve(fileOf) {
  const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
  const server = http.createServer((request, response) => {
    try {
      const file = fileOf(new URL(request.url, 'http://loopback').pathname);
      const { size } = statSync(file);
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-length': size });
      createReadStream(file).pipe(response);
    } catch {
      // No such file.
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

/** The product as it is, but for the address of the one model. */
function build(model) {
  console.log('Building Oriel …');
  const env = { ...process.env, WXT_DEVICE_MODEL: JSON.stringify(model) };
  const wxt = join(root, 'node_modules', 'wxt', 'bin', 'wxt.mjs');
  const { status, stderr } = spawnSync(process.execPath, [wxt, 'build', '-b', 'chrome', '--mode', 'start'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
}

async function launch() {
  const { chromium } = await import('playwright-core');
  const extension = join(root, '.output', 'chrome-mv3-start');
  const profile = mkdtempSync(join(tmpdir(), 'oriel-start-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowser('chromium'),
    headless: false,
    colorScheme: 'light',
    viewport: headless ? { width: 1000, height: 760 } : null,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      ...(headless ? ['--headless=new', '--disable-gpu'] : []),
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--no-first-run',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-features=DisableLoadExtensionCommandLineSwitch',
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
    ],
  });
  closers.push(async () => {
    await context.close().catch(() => undefined);
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  });
  const [worker] = context.serviceWorkers();
  const { host: extensionId } = new URL((worker ?? (await context.waitForEvent('serviceworker'))).url());
  return { context, extensionId };
}

/** Connects the model on this device in the first run, which opened by itself, as a person does. */
async function connect(context) {
  const isFirstRun = (page) => page.url().endsWith('/welcome.html');
  const welcome =
    context.pages().find(isFirstRun) ?? (await context.waitForEvent('page', { predicate: isFirstRun, timeout: minutes }));
  await welcome.getByRole('button', { name: 'On this computer' }).click();
  await welcome.getByRole('button', { name: 'Download and connect' }).click();
  await welcome.getByRole('heading', { name: 'is connected' }).waitFor({ timeout: 5 * minutes });
  await welcome.close();
}

/** Asks in the playground, allows it in the approval window, and prints what comes. */
async function ask(context, page, extensionId) {
  mkdirSync(screenshots, { recursive: true });
  const opened = context.waitForEvent('page', { predicate: (other) => other.url().includes('approval.html'), timeout: minutes });
  console.log(`question: ${question}`);
  await page.getByLabel('Your question').fill(question);
  await page.getByRole('button', { name: 'Ask' }).click();
  const approval = await opened;
  const allow = approval.getByRole('button', { name: 'Allow this visit' });
  await allow.waitFor();
  await approval.setViewportSize({ width: 420, height: 600 });
  await inBothThemes(approval, 'approval');
  // The button is dead for its first moments, so that nobody allows by accident.
  await approval.waitForTimeout(1000);
  await allow.click();

  const answer = page.locator('#answer');
  let printed = '';
  for (const deadline = Date.now() + 5 * minutes; Date.now() < deadline; await page.waitForTimeout(50)) {
    const [state, text] = await answer.evaluate((output) => [output.dataset.state, output.textContent]);
    if (state === 'failed') throw new Error(`The page got no answer: ${text}`);
    if (text.startsWith(printed)) process.stdout.write(text.slice(printed.length));
    printed = text;
    if (state === 'done') break;
  }
  const rate = await answer.getAttribute('data-rate');
  if (rate === null) throw new Error('\nThe page got no answer in five minutes.');
  await inBothThemes(page, 'playground');
  const popup = await context.newPage();
  await popup.setViewportSize({ width: 380, height: 600 });
  await popup.goto(`chrome-extension://${extensionId}/popup.html`);
  await popup.getByRole('combobox', { name: 'Active connection' }).waitFor();
  await inBothThemes(popup, 'popup');
  console.log(`\nanswer: ${printed.trim()}`);
  console.log(`tokens/s: ${rate || 'unknown, the answer came in one piece'}`);
  console.log(`screenshots: ${screenshots}`);
}

async function inBothThemes(page, name) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    // Colours fade over into each other.
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}.png`) });
  }
}

/** With a display the rest is the person's: Oriel is connected and the playground is open. */
async function waitForClose(context) {
  console.log('Oriel is connected to the model on this device. Ask in the playground; close the browser to end.');
  await new Promise((resolve) => context.once('close', resolve));
}
