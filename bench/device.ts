/** Brings a model file of this machine into Oriel as a person does: Options, Models, From a file on this computer. */

import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestBrowser } from '../tests/support/browser';
import { poll } from '../tests/support/waiting';

/** The file at every path of an origin on loopback, for whoever fetches it. */
export async function serveFile(file: string): Promise<{ readonly origin: string; close(): Promise<unknown> }> {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-length': statSync(file).size, 'access-control-allow-origin': '*' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Resolves when the model is here, checked and connected. It becomes the active connection where there is no other. */
export async function importModel(browser: TestBrowser, file: string, name: string): Promise<void> {
  const served = await serveFile(file);
  const page = await browser.newPage(browser.extensionUrl('options.html#models'));
  try {
    await page.waitForText('Other models');
    await page.evaluate(
      async (from: string, fileName: string) => {
        for (const details of document.querySelectorAll('details')) details.open = true;
        const input = document.querySelector<HTMLInputElement>('input[type=file]');
        if (!input) throw new Error('There is no field for a file.');
        const chosen = new DataTransfer();
        chosen.items.add(new File([await (await fetch(from)).blob()], fileName));
        input.files = chosen.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      served.origin,
      `${name}.gguf`,
    );
    await page.click('button', 'Copy it here');
    await page.waitForRole('heading', name, { timeoutMs: 600_000 });
    await poll(
      async () => /^Connected$/m.test(await page.text()) || undefined,
      60_000,
      () => 'The model was copied and is not connected.',
    );
  } finally {
    await page.close();
    await served.close();
  }
}
