/**
 * Gives page script and relay a private MessagePort, which costs a page nothing before its first call. Both run at document_start, before any
 * script of the page, and everything here is synchronous: they agree on a target that nobody else has, and there the page script passes the
 * port with its first message. No listener of the page can stand there, and no `document.open()` takes the relay's away. The order of the two
 * does not matter: the one that comes second starts.
 */

export const offer = 'oriel:offer';
export const want = 'oriel:want';

/** The relay's end; `use` is called once, with the page's first message. */
export function takePort(document: Document, use: (port: MessagePort) => void): void {
  const take = (event: Event) => {
    const { relatedTarget: meeting } = event as FocusEvent;
    if (!meeting) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    document.removeEventListener(offer, take, true);
    // The page script alone has this target, and passes its port and nothing else, once.
    meeting.addEventListener(offer, (passed) => use((passed as MessageEvent).ports[0] as MessagePort));
  };
  document.addEventListener(offer, take, true);
  document.dispatchEvent(new Event(want));
}
