/**
 * Gives page script and relay a private MessagePort. Both run at document_start, before any script of the page, and everything here
 * is synchronous: nobody else can take the port. The order of the two does not matter: the one that comes second starts.
 */

const offer = 'oriel:offer';
const want = 'oriel:want';

/** The page script's end. */
export function offerPort(document: Document): MessagePort {
  const { port1, port2 } = new MessageChannel();
  /** True where a relay took it. */
  const give = () => !document.dispatchEvent(new MessageEvent(offer, { ports: [port2], cancelable: true }));
  if (!give()) document.addEventListener(want, give, { once: true });
  return port1;
}

/** The relay's end; `use` is called once, at once or when the page script runs. */
export function takePort(document: Document, use: (port: MessagePort) => void): void {
  const take = (event: Event) => {
    const [port] = (event as MessageEvent).ports;
    if (!port) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    document.removeEventListener(offer, take, true);
    use(port);
  };
  document.addEventListener(offer, take, true);
  document.dispatchEvent(new Event(want));
}
