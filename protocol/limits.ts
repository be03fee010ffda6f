/** Every bound of the product in one place (security.md 7.1). Sizes in bytes or characters, times in milliseconds. */

const KiB = 1024;
const MiB = 1024 * KiB;
const second = 1000;
const minute = 60 * second;

export const limits = {
  /** Characters of all texts of one request together. */
  requestChars: MiB,
  /** Messages in one request. */
  messages: 1000,
  stopSequences: 16,
  stopSequenceChars: 1000,
  outputs: 8,
  maxOutputTokens: 1_000_000,
  idChars: 64,
  modelChars: 256,
  /** Malformed frames after which a page's port is closed. */
  malformedFrames: 20,

  /** One SSE event or NDJSON line. */
  eventBytes: MiB,
  /** One answer, decoded. */
  responseBytes: 32 * MiB,
  errorBodyBytes: 4 * KiB,
  modelListBytes: 8 * MiB,

  /** Waiting requests of one site, and of all sites. */
  queuePerSubject: 8,
  queueTotal: 64,
  /** Requests remembered as sent; those of documents that never come back are forgotten oldest first. */
  sentMarks: 256,
  approvalTtl: 5 * minute,
  /** An approval button is dead this long after it appeared, moved or changed. */
  inputDelay: 700,
  visitTtl: 24 * 60 * minute,
  alwaysUnusedTtl: 60 * 24 * 60 * minute,
  refusalsPerVisit: 2,

  keepAlive: 20 * second,
  relayPing: 15 * second,
  /** Reconnects of a relay with nothing answered in between. */
  reconnects: 3,

  retries: 2,
  retryBase: 500,
  retryMax: 8 * second,
  retryAfterMax: 60 * second,
  headersTimeout: { cloud: 120 * second, local: 600 * second },
  progressTimeout: { cloud: 60 * second, local: 180 * second },
  /** Bytes that carry no event (pings, comments) extend a silent answer to this at most. */
  silenceMax: 10 * minute,
  requestTimeout: 15 * minute,
  probeTimeout: 10 * second,
  findTimeout: 2 * second,

  /** Parts are coalesced per network read, and never held longer than this. */
  coalesce: 8,
  /** Characters on their way to a page that has not yet taken them; above it the socket is paused. */
  window: MiB,

  baseUrlChars: 2048,
  keyChars: 8 * KiB,
  nameChars: 100,
  /** An exported file: 5 MiB, all of it ASCII. */
  importChars: 5 * MiB,
  importRows: 10_000,
  passphraseChars: 12,
  unlockTtl: 5 * minute,
  /** A clock that went back further than this locks the vault. */
  clockTolerance: 5 * minute,
  /** A use is noted at most so often: it puts off the lock. */
  activityStep: 30 * second,

  activityRows: 10_000,
  failuresShown: 5,
} as const;
