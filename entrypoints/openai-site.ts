import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script';
import { answerOwnFetch } from '../page/openai-site';

/** In the page's own world, on sites where the person switched it on (background/openai-sites.ts). */
export default defineUnlistedScript(() => answerOwnFetch(window));
