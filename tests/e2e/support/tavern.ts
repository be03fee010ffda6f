/** SillyTavern's page as a person sets it up for Oriel, and a browser without Oriel. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestBrowser, TestPage } from '../../support/browser';
import { delay } from './oriel';

/** What SillyTavern's page has for its extensions. */
export interface OfPage {
  readonly $: (selector: string) => { val(value: string | number): { trigger(event: string): void } };
  readonly SillyTavern: { getContext(): Context };
}
interface Context {
  readonly chat: { readonly is_user: boolean; readonly is_system?: boolean; readonly mes: string }[];
  readonly chatCompletionSettings: { stream_openai: boolean; function_calling: boolean; custom_url: string };
  readonly ChatCompletionService: { processRequest(body: object, options: object): Promise<{ content: string }> };
  registerFunctionTool(tool: object): void;
}
declare const window: OfPage;

/** Waits for SillyTavern, gives the name that it asks for, and chooses what the README says under "API Connections". */
export async function openTavern(browser: TestBrowser, origin: string): Promise<TestPage> {
  const opened = await browser.newPage(origin);
  await opened.waitForText(/SillyTavern is aimed at advanced users|Temporary Chat/, 60_000);
  await delay(1000);
  await opened.evaluate("document.querySelector('.popup-button-ok')?.click()");
  await delay(500);
  // It draws these two as buttons and says so to nobody.
  await opened.evaluate("for (const id of ['send_but', 'mes_stop']) document.getElementById(id).setAttribute('role', 'button')");
  await opened.click('button', 'API Connections', { nth: 0 });
  // Its lists have no names that a screen reader could say.
  await opened.evaluate(() => {
    window.$('#main_api').val('openai').trigger('change');
    window.$('#chat_completion_source').val('custom').trigger('change');
  });
  await opened.fill('Example: http://localhost:1234/v1', 'https://oriel.invalid/v1');
  await opened.evaluate(() => window.$('#custom_api_url_text').val('https://oriel.invalid/v1').trigger('input'));
  return opened;
}

/** The folder of an extension that does nothing, for a browser without Oriel: the tests' browsers come with one. */
export function otherExtension(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-other-'));
  const browser_specific_settings = { gecko: { id: 'other@example.com' } };
  const background = { service_worker: 'background.js', scripts: ['background.js'] };
  writeFileSync(join(folder, 'background.js'), '');
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ manifest_version: 3, name: 'Other', version: '1', background, browser_specific_settings }),
  );
  return folder;
}
