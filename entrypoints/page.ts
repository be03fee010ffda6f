import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { version } from '../package.json';
import { announce } from '../page/announce';
import { offerPort } from '../page/handshake';
import { install } from '../page/install';
import { createWindowAi } from '../page/window-ai';

/** In the page's own world, before its first script. */
export default defineUnlistedScript(() => {
  const ai = createWindowAi(offerPort(document), version);
  install(window, ai);
  announce(window, ai, version);
});
