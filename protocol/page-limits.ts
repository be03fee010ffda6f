/** The bounds that hold in pages too (limits.ts has all): every page of the web carries them, and not the others. */

const KiB = 1024;
const MiB = 1024 * KiB;

/** Characters of all texts of one request together. */
export const requestChars = MiB;
/** Messages in one request. */
export const messages = 1000;
export const stopSequences = 16;
export const stopSequenceChars = 1000;
export const outputs = 8;
export const maxOutputTokens = 1_000_000;
export const modelChars = 256;
/** Calls of one document that are not settled; more are turned away before they leave its process. */
export const openPerDocument = 256;
/** Body of one request to the OpenAI-shaped `fetch`: what one request may hold, as JSON. */
export const bodyChars = 12 * MiB;
export const relayPing = 15_000;
/** How often a page asks whether its relay is there, while it has a call open; the second question without an answer is the last. */
export const relayBeat = 3000;
/** Reconnects of a relay with nothing answered in between. */
export const reconnects = 3;
/** Characters on their way to a page that has not yet taken them; above it the socket is paused. */
export const window = MiB;
