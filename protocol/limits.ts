/** Every bound of the product in one place (security.md 7.1). Sizes in bytes or characters, times in milliseconds. */

import {
  bodyChars,
  maxOutputTokens,
  messages,
  modelChars,
  openPerDocument,
  outputs,
  reconnects,
  relayPing,
  requestChars,
  stopSequenceChars,
  stopSequences,
  window,
} from './page-limits';

const KiB = 1024;
const MiB = 1024 * KiB;
const second = 1000;
const minute = 60 * second;

export const limits = {
  requestChars,
  messages,
  stopSequences,
  stopSequenceChars,
  outputs,
  maxOutputTokens,
  modelChars,
  openPerDocument,
  bodyChars,
  relayPing,
  reconnects,
  window,
  /** Base64 of all images and sounds of one request together, and how many there may be. */
  mediaChars: 8 * MiB,
  mediaParts: 16,
  tools: 128,
  /** JSON of one schema: how long, and how deep. */
  schemaChars: 64 * KiB,
  schemaDepth: 20,
  regexpChars: KiB,
  idChars: 64,
  endpointChars: 1024,
  toolCallIdChars: 512,
  toolDescriptionChars: 16 * KiB,
  topK: 1_000_000,
  /** Malformed frames after which a page's port is closed. */
  malformedFrames: 20,

  /** One SSE event or NDJSON line. */
  eventBytes: MiB,
  /** One answer, decoded. */
  responseBytes: 32 * MiB,
  /** Of it, what is parsed before the page gets it: a browser that is behind hands over megabytes at once. */
  pieceBytes: 512 * KiB,
  errorBodyBytes: 4 * KiB,
  modelListBytes: 8 * MiB,

  /** Waiting requests of one site, and of all sites. */
  queuePerSubject: 8,
  queueTotal: 64,
  /** Requests remembered as sent; those of documents that never come back are forgotten oldest first. */
  sentMarks: 256,
  /** Answers of a table that the background keeps in memory. */
  rememberedRows: 256,
  approvalTtl: 5 * minute,
  /** Texts of one request for embeddings; OpenAI's API takes as many. */
  embedTexts: 2048,
  embedDimensions: 16_384,
  /** An approval button is dead this long after it appeared, moved or changed. */
  inputDelay: 700,
  visitTtl: 24 * 60 * minute,
  alwaysUnusedTtl: 60 * 24 * 60 * minute,
  refusalsPerVisit: 2,
  /** Sessions that were allowed one by one; the oldest are asked about again. */
  sessionsPerSite: 64,
  /** So many refusals within this time mute a site: the first time, the second time, and after that until it is unmuted. */
  muteRefusals: 3,
  muteWindow: 30 * second,
  muteTimes: [minute, 5 * minute],
  /** Calls of one site that may be on their way to a decision at once; more are turned away before anything is looked up. */
  admissionPerSubject: 64,
  /** How often what has lapsed is looked for. */
  sweep: minute,
  /** Entries of one site's rules. */
  ruleEntries: 16,

  keepAlive: 20 * second,

  retries: 2,
  retryBase: 500,
  retryMax: 8 * second,
  /** How often an answer that the backend gives in parts is asked to go on. */
  continuations: 16,
  retryAfterMax: 60 * second,
  /** A Kobold server has one GPU: how often one that works for somebody else is asked again, and the time between, on average. */
  busyTries: 120,
  busyPause: 2.5 * second,
  headersTimeout: { cloud: 120 * second, local: 600 * second },
  progressTimeout: { cloud: 60 * second, local: 180 * second },
  /** Without a byte after an answer has said why it ends; its usage may follow. */
  endTimeout: 10 * second,
  /** Bytes that carry no event (pings, comments) extend a silent answer to this at most. */
  silenceMax: 10 * minute,
  requestTimeout: 15 * minute,
  /** So many failures one after the other, and a backend is left alone for so long. */
  breakerFailures: 5,
  breakerPause: 30 * second,
  probeTimeout: 10 * second,
  /** An answer that a backend works on without us is asked for so often. */
  jobPoll: 2.5 * second,
  /** Polls that fail one after the other. */
  jobFailures: 5,
  /** Nobody is there to work on it: so long it waits for somebody. */
  jobGrace: 60 * second,
  /** Whoever ordered an answer under an earlier background comes back for it within this, or it is cancelled. */
  jobReturn: 15 * second,
  findTimeout: 2 * second,

  /** Parts are coalesced per network read, and never held longer than this. */
  coalesce: 8,

  /** Requests of one site that run at once, and of all sites, on one connection and together. */
  runsPerSubject: 2,
  runsPerConnection: 8,
  runsTotal: 8,
  /** A site starts so many requests at once, and one more each time so much has passed: 20 a minute. */
  requestBurst: 20,
  requestEvery: 3 * second,

  /** Default budgets of a day: all sites in micro-dollars, one site in micro-dollars, and in tokens where no price is known. */
  allMicroUsd: 2_000_000,
  siteMicroUsd: 500_000,
  siteTokens: 200_000,
  /** Held back for an answer whose length nobody limited; a longer one claims more while it comes. */
  answerTokens: 4096,
  /** What an answer that was cut short, and said nothing of its use, may have cost unseen. */
  tokensPerSecond: 200,
  /** Stops at the limit after which a period's further calls are refused without asking. */
  budgetStops: 2,

  baseUrlChars: 2048,
  keyChars: 8 * KiB,
  nameChars: 100,
  /** Models of one connection with a star. */
  favourites: 100,
  /** What a person may set: any sampler's value, a context, a provider's own choice. */
  settingMax: 1e20,
  contextTokens: 100_000_000,
  vendorChars: 1000,
  vendorEntries: 100,
  /** A sign-in at a provider that has not come back by then is void. */
  signIn: 10 * minute,
  /** The most that a key made by signing in may be given: $10,000. */
  signInMicroUsd: 10_000_000_000,
  /** Headers of the person's own for one connection, and the length of each value. */
  ownHeaders: 16,
  ownHeaderChars: 4 * KiB,
  /** A preset file of another front end; some hold long prompts, which are not read. */
  presetBytes: MiB,
  /** An exported file: 5 MiB, all of it ASCII. */
  importChars: 5 * MiB,
  importRows: 10_000,
  passphraseChars: 12,
  unlockTtl: 5 * minute,
  /** A clock that went back further than this locks the vault. */
  clockTolerance: 5 * minute,
  /** A use is noted at most so often: it puts off the lock. */
  activityStep: 30 * second,

  /** Characters of a page that the person takes along into the chat; the rest is cut off. */
  selectionChars: 20_000,
  /** Questions and answers of the conversation that is kept. */
  keptTurns: 1000,

  activityRows: 100_000,
  /** Calls of the log in one message. */
  activityPage: 1000,
  /** What was asked and answered, where it is kept: how long at most, how many characters of each side of a call, how many bytes of all. */
  contentTtl: 7 * 24 * 60 * minute,
  contentChars: 2 * MiB,
  contentBytes: 100 * MiB,
  /** How long what was removed can be brought back. */
  undoTime: minute,
  failuresShown: 5,
  /** The same is told by a notification of the system at most so often. */
  noticeAgain: 60 * minute,
} as const;
