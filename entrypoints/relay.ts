import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { startRelay } from '../page/relay';

/**
 * In the isolated world of every document. The browser's API is called by its own name: a polyfill would cost each page 10 kB. It is not
 * looked at while the page loads either: the first look costs it half a millisecond, twice that in Firefox.
 */
export default defineUnlistedScript(() => {
  const runtime = () => (globalThis.browser ?? chrome).runtime;
  startRelay({ window, connect: (name) => runtime().connect({ name }) });
  // The popup asks whether Oriel is in a tab's page. Only the extension itself can open such a port. To wait for an idle moment instead costs the load
  // a fifth of a millisecond. In Firefox, where it would cost every page several, the popup sees the address of each page that Oriel is in.
  if (!import.meta.env.CHROME) return;
  const begin = () => runtime().onConnect.addListener((port) => port.postMessage(true));
  setTimeout(() => window.parent === window && begin(), 500);
});
