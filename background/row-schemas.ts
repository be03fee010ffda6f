/** What a row of the store must hold so that Oriel can work with it: as little as that, since a row is not refused for what nobody reads. */

import * as v from 'valibot';

const text = v.string();
const time = v.pipe(v.number(), v.finite());
const bytes = v.custom<ArrayBufferView>((value) => ArrayBuffer.isView(value));
/** By its tag: what comes out of a store may have been made in another realm. */
const buffer = v.custom<ArrayBuffer>((value) => Object.prototype.toString.call(value) === '[object ArrayBuffer]');
const subject = v.looseObject({ top: text, frame: v.optional(text) });
const amounts = v.looseObject({ microUsd: time, tokens: time, metered: time });

const grant = v.looseObject({
  subject,
  scopes: v.array(text),
  models: v.array(text),
  connection: text,
  mode: v.picklist(['request', 'visit', 'always']),
  issuedAt: time,
  expiresAt: time,
  lastUsedAt: time,
  place: v.picklist(['this-computer', 'network', 'cloud', 'volunteers']),
});
const rule = v.looseObject({
  fallback: v.array(text),
  mapped: v.array(v.looseObject({ asked: text })),
  onlyThisComputer: v.boolean(),
  asksEveryTime: v.boolean(),
});

const schemas: Readonly<Record<string, v.GenericSchema>> = {
  connections: v.looseObject({
    id: text,
    providerId: text,
    name: text,
    createdAt: time,
    baseUrl: v.optional(v.pipe(text, v.url())),
    defaultModel: v.optional(text),
    options: v.optional(v.looseObject({})),
  }),
  secrets: v.looseObject({
    ...{ connectionId: text, providerId: text, origin: text, header: text },
    version: v.literal(1),
    iv: bytes,
    ciphertext: buffer,
  }),
  // Whether it is whole the vault itself knows, and has a copy.
  vault: v.looseObject({ id: v.literal('vault') }),
  sites: v.looseObject({
    key: text,
    subject,
    always: v.optional(grant),
    blockedAt: v.optional(time),
    rule: v.optional(rule),
  }),
  activity: v.looseObject({
    ...{ at: time, day: text, siteKey: text, subject, milliseconds: time },
    ...{ connectionId: text, connectionName: text, model: text, outcome: text },
  }),
  usage: v.looseObject({ day: text, siteKey: text, connectionId: text, model: text }),
  contents: v.looseObject({ id: text, at: time, size: time, keyId: text, iv: bytes, ciphertext: buffer }),
  keeping: v.looseObject({ id: v.literal('keeping') }),
  settings: v.looseObject({ key: v.literal('active-connection'), value: text }),
  accounts: v.looseObject({ key: text, days: v.record(text, amounts) }),
  security: v.looseObject({ id: v.literal('security') }),
  openAiSites: v.looseObject({ origin: text }),
  chats: v.looseObject({ id: v.literal('kept'), keyId: text, iv: bytes, ciphertext: buffer }),
};

/** Tables that are read at once and small; the others are as long as the log. */
export const smallTables = [
  'connections',
  'secrets',
  'sites',
  'keeping',
  'settings',
  'accounts',
  'security',
  'openAiSites',
] as const;

/** Whether a table has rows of its own; those of the others follow from them. */
export const isKept = (table: string): boolean => Object.hasOwn(schemas, table);

/** Whether a row of this table can be worked with. */
export const isSound = (table: string, row: unknown): boolean => {
  const schema = schemas[table];
  return schema !== undefined && v.is(schema, row);
};
