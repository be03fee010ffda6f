/**
 * On the sites that the person chose, and on no others: requests of the page's own `fetch` to Oriel's address are answered by Oriel. For pages
 * that let one type the base URL of OpenAI's API and know nothing of `window.ai`.
 */

import { type Announcement, announceEvent, requestEvent } from './announce';
import { isOurs } from './openai-fetch';
import { dispatch, listen, unlisten } from './realm';

type Fetch = typeof fetch;

/** To be called before the first script of the page, which could otherwise announce something of its own. */
export function answerOwnFetch(window: Window & { fetch: Fetch }): void {
  let answer: Fetch | undefined;
  // Oriel's other script runs before those of the page too, so that the first announcement is its own.
  const hear = (event: Event) => {
    answer = (event as CustomEvent<Announcement>).detail.provider.fetch;
    unlisten(window, announceEvent, hear);
  };
  listen(window, announceEvent, hear);
  dispatch(window, new Event(requestEvent));

  const { apply } = Reflect;
  const original = window.fetch;
  // Written as a method for its name, and for no `prototype`.
  const { fetch } = {
    fetch(this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      const isObject = typeof input === 'object' && 'url' in input;
      const url = isObject ? input.url : `${input}`;
      return answer && isOurs(url) ? answer(input, init) : apply(original, this, init === undefined ? [input] : [input, init]);
    },
  };
  window.fetch = fetch;
}
