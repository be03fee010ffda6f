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
  const answering = {
    // Its name is the original's; it has no `prototype` either.
    fetch: (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const isRequest = typeof input === 'object' && 'url' in input;
      const url = isRequest ? input.url : `${input}`;
      return answer && isOurs(url) ? answer(input, init) : apply(original, window, init === undefined ? [input] : [input, init]);
    },
  };
  window.fetch = answering.fetch;
}
