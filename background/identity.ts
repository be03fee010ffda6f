/** Who is at the other end of a port. The browser's word alone counts; nothing that a message says is looked at here. */

import { isInsecure, type Origin, toOrigin } from '../protocol/ids';
import { ownFramePortName } from '../protocol/names';
import { chatSubject, type Subject } from '../protocol/ui-messages';
import type { Sender } from './browser-api';

export interface PageIdentity {
  readonly type: 'page';
  readonly subject: Subject;
  /** Identifies the document for as long as it lives. */
  readonly documentId: string;
  /** One session of a `LanguageModel` in that document, where the call belongs to one. The page names it: it can only share with itself. */
  readonly session?: string | undefined;
  readonly tabId: number;
  /** A private window: nothing of it is kept. */
  readonly isPrivate: boolean;
  /** Plain http from another machine. */
  readonly insecure: boolean;
}

/** The person themself, in Oriel's own chat: nothing asks them for permission, and no site's budget pays. */
export interface ChatIdentity {
  readonly type: 'chat';
  readonly subject: Subject;
  /** One for every panel: what they ask is told apart by its request id. */
  readonly documentId: string;
  readonly isPrivate: boolean;
}

/** Whoever is answered. */
export type Asker = PageIdentity | ChatIdentity;

export type Identity =
  | PageIdentity
  | { readonly type: 'ui' }
  | { readonly type: 'engine' }
  /** Opaque origins, files, pages that are not shown, other extensions. */
  | { readonly type: 'nobody' };

const nobody: Identity = { type: 'nobody' };

export const chatIdentity = (isPrivate: boolean): ChatIdentity => ({
  type: 'chat',
  subject: chatSubject,
  documentId: 'chat',
  isPrivate,
});

/** The page as it asks within one of its sessions. */
export const inSession = (page: PageIdentity, session: string | undefined): PageIdentity =>
  session === undefined ? page : { ...page, session: `${page.documentId} ${session}` };

export const subjectKey = ({ top, frame }: Subject): string => (frame === undefined ? top : `${top} ${frame}`);

/**
 * A site in ordinary or in private windows: what is done in a private one leaves nothing elsewhere (security.md T44).
 * With a session: what is allowed to that one alone counts as well.
 */
export type Site = Pick<PageIdentity, 'subject' | 'isPrivate' | 'session'>;

export const siteKey = ({ subject, isPrivate }: Site): string =>
  isPrivate ? `private ${subjectKey(subject)}` : subjectKey(subject);

/**
 * @param sender as the browser states it
 * @param own the extension's id and origin
 * @param portName what the relay says of the frames around its own: it can only give up authority by it (docs/decisions/0003)
 */
export function identify(
  sender: Sender | undefined,
  own: { readonly extensionId: string; readonly extensionOrigin: string },
  portName?: string,
): Identity {
  if (!sender || sender.id !== own.extensionId) return nobody;
  const { url, origin } = sender;
  if (url?.startsWith(`${own.extensionOrigin}/`)) return identifyOwnPage(url, origin, own.extensionOrigin);
  return identifyWebPage(sender, portName === ownFramePortName);
}

function identifyOwnPage(url: string, origin: string | undefined, extensionOrigin: string): Identity {
  if (origin !== undefined && origin !== extensionOrigin) return nobody;
  return { type: new URL(url).pathname === '/offscreen.html' ? 'engine' : 'ui' };
}

function identifyWebPage(sender: Sender, isInOwnFrames: boolean): Identity {
  const origin = toOrigin(sender.origin);
  const { tab, frameId, documentId } = sender;
  const isShown = sender.documentLifecycle === undefined || sender.documentLifecycle === 'active';
  if (!origin || !documentId || !isShown || tab?.id === undefined || frameId === undefined) return nobody;
  const top = frameId === 0 ? origin : topOf(tab.url);
  if (!top) return nobody;
  // A frame of the site inside another site is that site's guest, though the address bar names its own.
  const isTheSite = top === origin && (frameId === 0 || isInOwnFrames);
  return {
    type: 'page',
    subject: isTheSite ? { top } : { top, frame: origin },
    documentId,
    tabId: tab.id,
    isPrivate: tab.incognito,
    insecure: isInsecure(origin) || isInsecure(top),
  };
}

function topOf(url: string | undefined): Origin | undefined {
  try {
    return url === undefined ? undefined : toOrigin(new URL(url).origin);
  } catch {
    // Not a URL: no identity.
    return undefined;
  }
}
