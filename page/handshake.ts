/**
 * Gives page script and relay a private MessagePort, which costs a page nothing before its first call. Both run at document_start, before any
 * script of the page, and everything here is synchronous: they agree on a target that nobody else has, and there the page script passes the
 * port with its first message. No listener of the page can stand there, and no `document.open()` takes the relay's away. The order of the two
 * does not matter: the one that comes second starts.
 */

export const offer = 'oriel:offer';
export const want = 'oriel:want';

/** The relay's end; `use` is called once, with the page's first message. */
export function takePort(window: EventTarget, use: (port: MessagePort) => void): void {
  const take = (event: Event) => {
    const { relatedTarget: meeting } = event as FocusEvent;
    if (!meeting) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    window.removeEventListener(offer, take, true);
    // The page script alone has this target, and passes its port and nothing else, once.
    meeting.addEventListener(offer, (passed) => use((passed as MessageEvent).source as MessagePort));
  };
  // Not at the document, which this world would have to be given first: a tenth of a millisecond in Chromium.
  window.addEventListener(offer, take, true);
  window.dispatchEvent(new Event(want));
}
