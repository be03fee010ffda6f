/**
 * Carries frames between the page script's private port and the background, in the isolated world of the same document.
 * It opens its port with the first call, reconnects for what waits, and settles what cannot go on. It stamps whether the person has used
 * this document, which the page cannot forge; who the page is, the browser tells the background.
 */

import type { ChannelPort, ClientFrame, ServerFrame } from '../protocol/channel';
import type { AiErrorCode } from '../protocol/errors';
import type { RequestId } from '../protocol/ids';
import { ownFramePortName, pagePortName } from '../protocol/names';
import { openPerDocument, reconnects, relayPing } from '../protocol/page-limits';
import type { PageCall, PageEvent } from '../protocol/page-messages';
import type { RelayFrame } from './client';
import { takePort } from './handshake';

type Frame = ClientFrame<PageCall>;
type RequestFrame = Extract<Frame, { type: 'request' }>;

interface RelayDeps {
  readonly window: Pick<Window, 'document' | keyof EventTarget | 'navigator' | 'parent' | 'origin'>;
  /** Throws where the extension was updated or removed under the page. */
  readonly connect: (name: string) => ChannelPort;
}

export function startRelay({ window, connect }: RelayDeps): void {
  takePort(window, (page) => relay(page, window, connect));
}

type Ancestry = Pick<Window, 'parent' | 'origin'>;

/**
 * Whether every frame around this document is of its own origin. The browser tells the background of the top and of the frame, and of
 * nothing between them; this world it can tell, and no script of a page can change what is read here.
 */
export function hasOwnFramesOnly(window: Ancestry): boolean {
  let frame = window;
  try {
    while (frame.parent !== frame) {
      frame = frame.parent;
      if (frame.origin !== window.origin) return false;
    }
    return true;
  } catch {
    // A frame of another origin does not tell its own.
    return false;
  }
}

function relay(page: MessagePort, window: RelayDeps['window'], connect: RelayDeps['connect']): void {
  // Chrome's, and not in TypeScript's DOM yet.
  const document: Document & { readonly prerendering?: boolean } = window.document;
  /** Requests that are not settled, and whether they were sent upstream. */
  const open = new Map<RequestId, { readonly frame: RequestFrame; running: boolean }>();
  let background: ChannelPort | undefined;
  let attempts = 0;
  let pinging: ReturnType<typeof setInterval> | undefined;

  const toPage = (frame: RelayFrame) => page.postMessage(frame);

  const settle = (id: RequestId, code: AiErrorCode) => {
    open.delete(id);
    toPage({ v: 1, type: 'error', id, error: { code } });
  };

  const settleAll = (code: AiErrorCode) => {
    for (const id of open.keys()) settle(id, code);
    keepPinging();
  };

  /** The second of two keep-alives: a message from a document each 15 s while it has a request in flight (security.md M5). */
  const keepPinging = () => {
    if (open.size > 0) pinging ??= setInterval(() => background?.postMessage({ v: 1, type: 'ping' }), relayPing);
    else {
      clearInterval(pinging);
      pinging = undefined;
    }
  };

  const fromBackground = (frame: ServerFrame<PageEvent>) => {
    attempts = 0;
    if (frame.type !== 'event') {
      const request = open.get(frame.id);
      if (frame.type === 'running' && request) request.running = true;
      if (frame.type === 'end' || frame.type === 'error') open.delete(frame.id);
      keepPinging();
    }
    toPage(frame);
  };

  /** What waits goes on at the new background; what was sent upstream is lost, and is not sent twice. */
  const disconnected = () => {
    background = undefined;
    toPage({ type: 'disconnected' });
    for (const [id, { running }] of open) if (running) settle(id, 'interrupted');
    attempts += 1;
    if (attempts > reconnects) return settleAll('interrupted');
    for (const { frame } of open.values()) send(frame);
    keepPinging();
  };

  const port = (): ChannelPort => {
    if (background) return background;
    const opened = connect(hasOwnFramesOnly(window) ? ownFramePortName : pagePortName);
    background = opened;
    opened.onMessage.addListener((message) => opened === background && fromBackground(message as ServerFrame<PageEvent>));
    opened.onDisconnect.addListener(() => opened === background && disconnected());
    return opened;
  };

  const send = (frame: RequestFrame) => {
    if (document.prerendering) return;
    try {
      port().postMessage({ ...frame, activated: window.navigator.userActivation?.hasBeenActive ?? false });
    } catch {
      // "Extension context invalidated": this document lives on with a relay whose extension is gone.
      settle(frame.id, 'invalid-state');
    }
  };

  const fromPage = (frame: Frame) => {
    if (frame.type === 'ping') return toPage({ type: 'pong' });
    if (frame.type === 'request') {
      // A flood costs the background nothing (security.md T18); what it must never trust, it counts for itself.
      if (open.size >= openPerDocument) return settle(frame.id, 'rate-limited');
      open.set(frame.id, { frame, running: false });
      send(frame);
    } else {
      if (frame.type === 'abort') open.delete(frame.id);
      background?.postMessage(frame);
    }
    keepPinging();
  };

  // Nobody sees a prerendered document, and a port that it opens is nobody's for good: what it asks waits until it is shown.
  document.addEventListener('prerenderingchange', () => {
    for (const { frame } of open.values()) send(frame);
  });

  page.onmessage = (event) => fromPage(event.data as Frame);

  // Firefox keeps the port of a document that it puts aside, and its answer would run on unread; Chromium closes it without a word
  // (security.md M17). Closing it here makes both alike, and what was lost is settled when the document comes back.
  window.addEventListener('pagehide', () => {
    background?.disconnect();
    background = undefined;
  });
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    background = undefined;
    toPage({ type: 'disconnected' });
    settleAll('aborted');
  });
}
