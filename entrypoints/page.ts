import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { version } from '../package.json';
import { announce } from '../page/announce';
import { createPageClient } from '../page/client';
import { install } from '../page/install';
import { offerPort } from '../page/page-port';
import { installPromptApi } from '../page/prompt-api/install';
import { createWindowAi } from '../page/window-ai';

/** In the page's own world, before its first script. */
export default defineUnlistedScript(() => {
  const client = createPageClient(offerPort(window));
  const ai = createWindowAi(client, version);
  install(window, ai);
  installPromptApi(window, client);
  announce(window, ai, version);
});
