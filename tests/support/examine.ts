/** Looks at one screen as it is built: what axe finds in light and dark, and whether anything is wider than the window. */

import { expect } from 'vitest';
import { findViolations } from './axe';
import type { TestPage } from './browser';

const widths = [320, 1000];

/** Fails where axe finds something in light or dark, or where the page scrolls sideways at 320 px, which is 400 % zoom, or at 1000. */
export async function examine(page: TestPage): Promise<void> {
  for (const dark of [false, true]) {
    await page.emulateDark(dark);
    expect(await findViolations(page)).toEqual([]);
  }
  for (const width of widths) {
    await page.setViewport(width, 700);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, `${await page.url()} at ${width} px`).toBe(0);
  }
}
