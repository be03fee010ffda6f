/** The page script's end of the handshake: it opens its port with the first message. */

import { offer, want } from './handshake';
import { dispatch, NativeMessageChannel, NativeMessageEvent, postTo } from './realm';

/** As much of a MessagePort as the page's end is. */
export interface PagePort {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

export function offerPort(window: EventTarget): PagePort {
  const meeting = new EventTarget();
  /** True where a relay took it. */
  const give = () => !window.dispatchEvent(new FocusEvent(offer, { relatedTarget: meeting, cancelable: true }));
  if (!give()) window.addEventListener(want, give, { once: true });
  let opened: MessagePort | undefined;
  const end: PagePort = {
    onmessage: null,
    postMessage(message) {
      if (!opened) {
        const { port1, port2 } = new NativeMessageChannel();
        opened = port1;
        port1.onmessage = (event) => end.onmessage?.(event);
        // As its source, not in `ports`: a list is iterated, and a page may have replaced how.
        const init = { __proto__: null, source: port2 };
        dispatch(meeting, new NativeMessageEvent(offer, init as MessageEventInit));
      }
      postTo(opened, message);
    },
  };
  return end;
}
