/** The limits that the relay keeps, each by itself: every page of the web carries the relay, and not the table of all limits. Times in milliseconds. */

/** Calls of one document that are not settled; more are turned away before they leave its process. */
export const openPerDocument = 256;
export const relayPing = 15_000;
/** Reconnects of a relay with nothing answered in between. */
export const reconnects = 3;
