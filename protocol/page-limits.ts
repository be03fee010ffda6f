/** The bounds that hold in pages too (limits.ts has all): every page of the web carries them, and not the others. */

const KiB = 1024;
const MiB = 1024 * KiB;

export const pageLimits = {
  /** Characters of all texts of one request together. */
  requestChars: MiB,
  /** Messages in one request. */
  messages: 1000,
  stopSequences: 16,
  stopSequenceChars: 1000,
  outputs: 8,
  maxOutputTokens: 1_000_000,
  modelChars: 256,
  /** Base64 of all images and sounds of one request together, and how many there may be. */
  mediaChars: 8 * MiB,
  mediaParts: 16,
  tools: 128,
  /** JSON of one schema: how long, and how deep. */
  schemaChars: 64 * KiB,
  schemaDepth: 20,
  regexpChars: KiB,
  /** Calls of one document that are not settled; more are turned away before they leave its process. */
  openPerDocument: 256,
  /** Body of one request to the OpenAI-shaped `fetch`: what one request may hold, as JSON. */
  bodyChars: 12 * MiB,
  relayPing: 15_000,
  /** Reconnects of a relay with nothing answered in between. */
  reconnects: 3,
  /** Characters on their way to a page that has not yet taken them; above it the socket is paused. */
  window: MiB,
} as const;
