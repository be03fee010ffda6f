/**
 * `npm start [-- --browser firefox]`: from a fresh clone to a web page's question answered by a model on this device. Builds, finds the
 * weights, serves them on loopback to the extension's own download, opens a browser and, where there is no display, presses the buttons as a
 * person would. It drives the browser as the end-to-end tests do, with `tests/support/browser.ts`.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import http from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureBrowsers, ensurePackages, root } from './setup.mjs';
import { openTypeScript } from './typescript.mjs';

const question = 'What is the capital of France?';
const browserName = browserOf(process.argv);
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
  if (!['chromium', 'firefox'].includes(browserName)) throw new Error('--browser takes chromium or firefox.');
  ensurePackages();
  const problems = ensureBrowsers([browserName]);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const { findWeights } = await import('./model-weights.mjs');
  const weights = await findWeights({ cacheDir: join(root, '.cache', 'models'), log: console.log });

  const modelUrl = `${await serve(() => weights.file)}/${weights.model.id}.gguf`;
  const demoUrl = `${await serve(demoFile)}/`;
  const extension = build({ ...weights.model, url: modelUrl });

  const browser = await launch(extension);
  await connect(browser);
  const page = await browser.newPage(demoUrl);
  if (!headless) return waitForEnd(browser);

  console.log(`model: ${weights.model.name} sha256:${weights.model.sha256.slice(0, 12)}`);
  if (!weights.real) console.log('note: this is only the tiny test model; the real weights could not be had from any source.');
  await ask(browser, page);
}

/** `--browser firefox` or `--browser=firefox`; Chromium where nothing is said. */
function browserOf(words) {
  const at = words.findIndex((word) => word === '--browser' || word.startsWith('--browser='));
  if (at < 0) return 'chromium';
  return words[at].includes('=') ? words[at].split('=')[1] : words[at + 1];
}

/** Of the playground; `npm run build` makes the one file of the npm package, for the demo that uses it. */
function demoFile(path) {
  if (path === '/oriel.min.js') return join(root, '.output', 'client', 'oriel.min.js');
  return join(root, 'demo', path === '/' ? 'index.html' : path.slice(1));
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

/** The product as it is, but for the address of the one model. Gives the folder. */
function build(model) {
  console.log('Building Oriel …');
  const env = { ...process.env, WXT_DEVICE_MODEL: JSON.stringify(model) };
  const wxt = join(root, 'node_modules', 'wxt', 'bin', 'wxt.mjs');
  const target = browserName === 'chromium' ? 'chrome' : 'firefox';
  const { status, stderr } = spawnSync(process.execPath, [wxt, 'build', '-b', target, '--mode', 'start'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
  if (!existsSync(demoFile('/oriel.min.js')))
    spawnSync(process.execPath, [join(root, 'scripts', 'build-client.mjs')], { cwd: root });
  return join(root, '.output', `${target}-mv3-start`);
}

async function launch(extension) {
  const typescript = await openTypeScript();
  closers.push(typescript.close);
  const { launchBrowser } = await typescript.load('tests/support/browser.ts');
  const browser = await launchBrowser(browserName, { extension, firstRun: true, visible: !headless });
  closers.push(() => browser.close());
  return browser;
}

/** Connects the model on this device in the first run, which opened by itself, as a person does. */
async function connect(browser) {
  const welcome = await browser.waitForPage('welcome.html', minutes);
  await welcome.click('button', 'On this computer', { timeoutMs: minutes });
  await pressUntilGone(welcome, 'Download and connect');
  await welcome.waitForRole('heading', /is connected/, { timeoutMs: 5 * minutes });
  await welcome.close();
}

/** As a person does: what came in between, as the servers that were found do, may have moved the button from under the pointer. */
async function pressUntilGone(page, button) {
  for (const deadline = Date.now() + minutes; Date.now() < deadline; ) {
    await page.click('button', button, { timeoutMs: minutes });
    const isGone = await page.waitForNoRole('button', button, { timeoutMs: 3000 }).then(
      () => true,
      () => false,
    );
    if (isGone) return;
  }
  throw new Error(`"${button}" does nothing.`);
}

/** Asks in the playground, allows it in the approval window, and prints what comes. */
async function ask(browser, page) {
  mkdirSync(screenshots, { recursive: true });
  console.log(`question: ${question}`);
  await page.fill('Your question', question);
  await page.click('button', 'Ask');
  const approval = await browser.waitForPage('approval.html', minutes);
  await approval.waitForRole('button', 'Allow this visit', { timeoutMs: minutes });
  await inBothThemes(approval, 'approval', { width: 420, height: 600 });
  // The button is dead for its first moments, so that nobody allows by accident.
  await delay(1000);
  await approval.click('button', 'Allow this visit');

  const shown = () =>
    page.evaluate(() => {
      const { dataset, textContent } = document.querySelector('#answer');
      return { state: dataset.state, text: textContent, rate: dataset.rate };
    });
  let printed = '';
  let rate;
  for (const deadline = Date.now() + 5 * minutes; Date.now() < deadline; await delay(50)) {
    const answer = await shown();
    if (answer.state === 'failed') throw new Error(`The page got no answer: ${answer.text}`);
    if (answer.text.startsWith(printed)) process.stdout.write(answer.text.slice(printed.length));
    printed = answer.text;
    rate = answer.rate;
    if (answer.state === 'done') break;
  }
  if (rate === undefined) throw new Error('\nThe page got no answer in five minutes.');
  await inBothThemes(page, 'playground', { width: 1000, height: 760 });
  const popup = await browser.newPage(browser.extensionUrl('popup.html'));
  await popup.waitForRole('combobox', 'Active connection', { timeoutMs: minutes });
  await inBothThemes(popup, 'popup', { width: 380, height: 600 });
  console.log(`\nanswer: ${printed.trim()}`);
  console.log(`tokens/s: ${rate || 'unknown, the answer came in one piece'}`);
  console.log(`screenshots: ${screenshots}`);
}

async function inBothThemes(page, name, size) {
  for (const theme of ['dark', 'light']) {
    await page.emulateDark(theme === 'dark');
    // Colours fade over into each other.
    await delay(400);
    await page.screenshot(join(screenshots, `${name}-${theme}.png`), size);
  }
}

/** With a display the rest is the person's: Oriel is connected and the playground is open. */
async function waitForEnd(browser) {
  console.log('Oriel is connected to the model on this device. Ask in the playground; close the browser to end.');
  await browser.ended();
}
