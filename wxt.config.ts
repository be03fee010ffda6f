import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'wxt';
import { engineAssets, wllamaPlugin } from './ondevice/build/wllama-plugin';
import { transmitted } from './protocol/transmitted';

/** Pages on these hosts and the servers behind them are this computer. Firefox applies the Origin rule (background/browser.ts) only to hosts listed here. */
const loopback = ['127.0.0.1', 'localhost', '[::1]'].flatMap((host) => [`http://${host}/*`, `https://${host}/*`]);

/** What **About** leads to. As plain text with a byte order mark, since a file of an extension says nothing of its encoding. */
const readings = () =>
  ['troubleshooting', 'permissions', 'backends', 'window-ai'].map((name) => ({
    relativeDest: `docs/${name}.txt`,
    contents: `\uFEFF${readFileSync(new URL(`docs/${name}.md`, import.meta.url), 'utf8')}`,
  }));

/** Set in full because Firefox's default would upgrade a local server's http: to https:. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self' https: http: ws: wss:",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** What page and relay share: on every web page and in its frames, before the first script of the page. */
const everywhere = {
  matches: ['https://*/*', 'http://*/*'] as string[],
  run_at: 'document_start' as const,
  all_frames: true,
  match_about_blank: true,
  match_origin_as_fallback: true,
};

/**
 * What Oriel's pages share lies in few files, not in twelve: the browser fetches each file of an extension by a round trip through another
 * process, and the popup is waited for. What the background shares with them stays apart: it must not load an interface.
 */
const sharedFiles = [
  { name: 'interface', test: /\/(?:components|@?preact)\//, minShareCount: 2 },
  { name: 'protocol', test: /\/protocol\//, minShareCount: 2 },
];
const fewFiles = (): Plugin => ({
  name: 'oriel:few-files',
  outputOptions: (options) =>
    // Scripts that stand alone have no chunks.
    String(options.chunkFileNames).startsWith('chunks/')
      ? { ...options, codeSplitting: { includeDependenciesRecursively: false, groups: sharedFiles } }
      : null,
});

/**
 * With Manifest V3 both browsers' own API gives promises. The polyfill's types and names stay in the code; its 3.4 kB would be paid at every
 * start of the background and of a page.
 */
const nativeApi = (): Plugin => ({
  name: 'oriel:native-api',
  enforce: 'pre',
  resolveId: (id) => (id === 'webextension-polyfill' ? '\0native-api' : null),
  load: (id) => (id === '\0native-api' ? 'export default globalThis.browser ?? globalThis.chrome;' : null),
});

/** A script of ours runs as it is: WXT's frame around it, which in a production build catches an error only to throw it again, is paid in every page. */
const bareScripts = (): Plugin => {
  const frame = '\0virtual:wxt-unlisted-script-entrypoint?';
  return {
    name: 'oriel:bare-scripts',
    enforce: 'pre',
    load: (id) => (id.startsWith(frame) ? `import script from '${id.slice(frame.length)}'; script.main();` : null),
    // As strictly as the module that it was.
    outputOptions: (options) => (options.format === 'iife' ? { ...options, intro: '"use strict";' } : null),
  };
};

/**
 * Each byte of these is paid on every page of the web, or at every start of the background: Terser writes them up to 4 % smaller, compressed, than
 * Vite's own minifier does, which takes a tenth of the time and does the rest.
 */
const smallScripts = (): Plugin => ({
  name: 'oriel:small-scripts',
  config: ({ build }) =>
    build?.lib && /\/(?:page|relay|openai-site|background|database)\.ts$/.test(String(build.lib.entry))
      ? { build: { minify: 'terser', terserOptions: { ecma: 2020, safari10: false, compress: { passes: 3, inline: 1 } } } }
      : null,
});

/** Everything the browser is told about Oriel. The exact result is asserted by tests/build.test.ts. */
export default defineConfig({
  imports: false,
  manifestVersion: 3,
  modules: ['@wxt-dev/i18n/module'],
  manifest: ({ browser }) => ({
    name: '__MSG_extName__',
    description: '__MSG_extDescription__',
    default_locale: 'en',
    incognito: 'spanning',
    // `identity` opens a provider's sign-in and hears of its end. It tells nothing about who the person is, and no browser warns of it.
    permissions: [
      'storage',
      'alarms',
      'contextMenus',
      'identity',
      // `activeTab` lets the popup read which site it was opened over; Firefox tells without it.
      ...(browser === 'chrome' ? ['offscreen', 'sidePanel', 'activeTab'] : []),
      // Chromium lets an extension set the Origin of its own requests, and with this would put itself before every page (docs/decisions/0009-own-origin.md).
      ...(browser === 'firefox' ? ['declarativeNetRequestWithHostAccess'] : []),
    ],
    commands: {
      _execute_action: { suggested_key: { default: 'Alt+Shift+O' } },
      ...(browser === 'chrome'
        ? { 'toggle-chat': { suggested_key: { default: 'Alt+Shift+C' }, description: '__MSG_commandToggleChat__' } }
        : { _execute_sidebar_action: { suggested_key: { default: 'Alt+Shift+C' } } }),
    },
    // Asked for where a page waited in vain; `idle` tells when the computer is locked. Firefox has that API too, but never reports that state
    // (its IdleState is `active` or `idle`).
    optional_permissions: browser === 'chrome' ? ['idle', 'notifications', 'scripting'] : ['notifications', 'scripting'],
    host_permissions: loopback,
    content_security_policy: { extension_pages: contentSecurityPolicy },
    ...(browser === 'firefox'
      ? {
          browser_specific_settings: {
            gecko: {
              id: 'oriel@oriel.invalid',
              strict_min_version: '140.0',
              // Asked for when a backend off this computer is connected: whoever uses a local model sends nothing.
              data_collection_permissions: { required: ['none'], optional: [...transmitted] },
            },
          },
        }
      : {
          // Asked for one site at a time: Chromium runs a registered script (background/openai-sites.ts) nowhere else, though `content_scripts` names all.
          optional_host_permissions: ['https://*/*'],
          minimum_chrome_version: '120',
          externally_connectable: { ids: [] },
          // Shared memory, hence threads, for the model engine.
          cross_origin_embedder_policy: { value: 'require-corp' },
          cross_origin_opener_policy: { value: 'same-origin' },
        }),
  }),
  // What the package for Firefox is not made of. WXT leaves out `*.test.ts`, files with a dot, and what only Chrome gets, by itself.
  zip: { excludeSources: ['tests/**', 'providers/fixtures/**', 'docs/screenshots/**', 'coverage/**', '**/*.log'] },
  // Dexie's entry leads to its build for browsers without modules, which is older and larger.
  vite: () => ({
    plugins: [wllamaPlugin(), fewFiles(), nativeApi(), bareScripts(), smallScripts()],
    resolve: { alias: { dexie: 'dexie/dist/modern/dexie.mjs' } },
  }),
  hooks: {
    'build:publicAssets': (_wxt, files) => {
      files.push(...engineAssets(), ...readings());
    },
    // Plain scripts, not WXT content scripts: those cost 3 kB a page and announce themselves to it by postMessage.
    // The relay comes first so that it listens when the page script offers its port; either order works.
    'build:manifestGenerated': (_wxt, manifest) => {
      // An event page reads them all at once: the first request of a wake-up does not wait for the last one (docs/decisions/0005-on-demand.md).
      if (manifest.background && 'scripts' in manifest.background) manifest.background.scripts = ['background.js', 'backends.js'];
      manifest.content_scripts = [
        { ...everywhere, js: ['relay.js'], world: 'ISOLATED' },
        { ...everywhere, js: ['page.js'], world: 'MAIN' },
      ] as typeof manifest.content_scripts; // WXT's type does not know `world` and `match_origin_as_fallback`.
    },
  },
});
