/** Web pages as the browser states them, and as the background knows them. */
import type { Sender } from '../../../background/browser-api';
import { identify, type PageIdentity } from '../../../background/identity';

export const own = { extensionId: 'oriel-id', extensionOrigin: 'chrome-extension://oriel-id' };

interface PageFields {
  readonly origin?: string;
  /** Origin of the site in the address bar; the page is a frame of it where it is given. */
  readonly top?: string;
  readonly tabId?: number;
  readonly documentId?: string;
  readonly isPrivate?: boolean;
}

export function senderOf({
  origin = 'https://site.test',
  top,
  tabId = 1,
  documentId = 'document-1',
  isPrivate = false,
}: PageFields = {}): Sender {
  return {
    id: own.extensionId,
    origin,
    url: `${origin}/page`,
    frameId: top === undefined ? 0 : 5,
    documentId,
    documentLifecycle: 'active',
    tab: { ...tab, id: tabId, url: `${top ?? origin}/page`, incognito: isPrivate },
  };
}

const tab = { index: 0, highlighted: false, active: true, pinned: false };

export function pageOf(fields: PageFields = {}): PageIdentity {
  const identity = identify(senderOf(fields), own);
  if (identity.type !== 'page') throw new Error('This is not a web page.');
  return identity;
}

export const uiSender = (page = 'popup.html'): Sender => ({
  id: own.extensionId,
  origin: own.extensionOrigin,
  url: `${own.extensionOrigin}/${page}`,
});
