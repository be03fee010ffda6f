/** How much the background holds once garbage is collected. */

import type { TestBrowser } from '../tests/support/browser';

const MB = 1e6;

interface HeapSnapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: readonly string[] } };
  readonly nodes: readonly number[];
}

/** Chromium: the objects of the worker's heap. Firefox: all that the extension's process has allocated. */
export async function backgroundMegabytes(browser: TestBrowser): Promise<number> {
  if (browser.snapshotBackground) return sizeOf(JSON.parse(await browser.snapshotBackground()) as HeapSnapshot) / MB;
  return (Number(await browser.evaluateInBrowser?.(allocated)) || 0) / MB;
}

/**
 * Firefox collects in all its processes now, and not some seconds later, what the pages that were closed left. In Chromium only who is attached to
 * the background can ask for that, and the background would no longer be as people have it: nothing is done there.
 */
export async function collectGarbage(browser: TestBrowser): Promise<void> {
  await browser.evaluateInBrowser?.(collect);
}

function sizeOf({ snapshot, nodes }: HeapSnapshot): number {
  const fields = snapshot.meta.node_fields;
  let size = 0;
  for (let at = fields.indexOf('self_size'); at < nodes.length; at += fields.length) size += nodes[at] ?? 0;
  return size;
}

/** Several times, since one collection frees what the next can. */
const collectInAll = `
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  for (let times = 0; times < 3; times += 1) {
    for (const what of ['child-gc-request', 'child-cc-request', 'child-mmu-request']) Services.obs.notifyObservers(null, what);
    await sleep(700);
  }`;

const collect = `(async () => {${collectInAll}
})()`;

/** Asks the memory reporters of the extension's process, once garbage is collected in all. */
const allocated = `(async () => {${collectInAll}
  const manager = Cc['@mozilla.org/memory-reporter-manager;1'].getService(Ci.nsIMemoryReporterManager);
  let bytes = 0;
  await new Promise((resolve) =>
    manager.getReports(
      (process, path, kind, units, amount) => {
        if (/extension/i.test(process) && path === 'heap-allocated') bytes += amount;
        if (/extension/i.test(process) && path === 'js-main-runtime-gc-heap-committed/used/gc-things') bytes += amount;
      }, null, resolve, null, false));
  return bytes;
})()`;
