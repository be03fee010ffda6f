/** What Oriel's own pages are shown of a store that cannot be read, and what the person can do about it. */

/** `newer`: a later version wrote it, and this one leaves it as it is. `full`: nothing more can be written. `unreadable`: the rest. */
export interface StoreFault {
  readonly type: 'newer' | 'full' | 'unreadable';
}

/** Entries that could not be read and were put away, so that Oriel works without them. */
export interface SetAsideView {
  readonly count: number;
  /** When the last of them was put away. */
  readonly at: number;
}

/** Of the overview. */
export interface StoreView {
  /** What is saved cannot be read: there is nothing else to show. */
  readonly store?: StoreFault | undefined;
  readonly setAside?: SetAsideView | undefined;
  /** A write found no room; what was saved before is there. */
  readonly isFull?: true | undefined;
  /** The browser has thrown away what was saved. */
  readonly isLost?: true | undefined;
}

export interface StoreOperations {
  'store-retry': { input: unknown; output: undefined };
  /** Puts away whatever can be read, takes over what is in order, and begins with that: only with the person's consent. */
  'store-renew': { input: unknown; output: undefined };
  /** What was set aside, as JSON. Keys are in it as they are stored: encrypted. */
  'store-aside-file': { input: unknown; output: string };
  'store-aside-remove': { input: unknown; output: undefined };
  /** The person has read that what was saved is gone. */
  'store-lost-dismiss': { input: unknown; output: undefined };
}
