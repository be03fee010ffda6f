import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { startRelay } from '../page/relay';

/** In the isolated world of every document. The browser's API is called by its own name: a polyfill would cost each page 10 kB. */
export default defineUnlistedScript(() => {
  startRelay({ window, connect: (name) => (globalThis.browser ?? chrome).runtime.connect({ name }) });
});
