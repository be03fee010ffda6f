/** The exported file: one encrypted box around connections, keys, settings and sites. What comes in is taken for hostile until it has passed here. */

import * as v from 'valibot';
import { fromBase64, toBase64 } from '../protocol/base64';
import { AiError } from '../protocol/errors';
import { toOrigin } from '../protocol/ids';
import type { KdfParameters } from '../protocol/kdf-parameters';
import { limits } from '../protocol/limits';
import { scopes } from '../protocol/scopes';
import { connectionOptions, siteSettings } from '../protocol/settings-inputs';
import { kdfParameters } from '../protocol/vault-inputs';
import { autoLocks, type Protection } from '../protocol/vault-messages';
import { importKey, seal, unseal } from './sealed';

const refused = (message: string) => new AiError('invalid-request', message, { field: 'file' });

const text = (maximum: number) => v.pipe(v.string(), v.maxLength(maximum));
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const origin = v.pipe(
  v.string(),
  v.transform((value: string) => toOrigin(value)),
  v.custom<NonNullable<ReturnType<typeof toOrigin>>>((value) => value !== undefined),
);

const connection = v.strictObject({
  providerId: text(limits.idChars),
  name: v.pipe(text(limits.nameChars), v.minLength(1)),
  baseUrl: v.optional(text(limits.baseUrlChars)),
  defaultModel: v.optional(text(limits.modelChars)),
  options: v.optional(connectionOptions),
  favourites: v.optional(v.pipe(v.array(v.pipe(text(limits.modelChars), v.minLength(1))), v.maxLength(limits.favourites))),
  /** With the origin that it was typed for. */
  key: v.optional(v.strictObject({ secret: text(limits.keyChars), origin })),
});

/** A connection by its place in the file's list: each browser gives it an id of its own. */
const listed = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const model = text(limits.modelChars);
const entries = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(limits.ruleEntries));

/** When it ends is not for the file to say. */
const grant = v.strictObject({
  scopes: v.pipe(v.array(v.picklist(scopes)), v.maxLength(scopes.length)),
  models: entries(model),
  connection: v.union([v.literal('active'), listed]),
  place: v.picklist(['this-computer', 'network', 'cloud', 'volunteers']),
  issuedAt: time,
  lastUsedAt: time,
});

const rule = v.strictObject({
  connection: v.optional(listed),
  model: v.optional(model),
  fallback: entries(listed),
  onlyThisComputer: v.boolean(),
  asksEveryTime: v.boolean(),
  mapped: entries(v.strictObject({ asked: v.pipe(model, v.minLength(1)), connection: listed, model: v.optional(model) })),
  settings: v.optional(siteSettings),
});

const site = v.strictObject({
  subject: v.strictObject({ top: origin, frame: v.optional(origin) }),
  always: v.optional(grant),
  blockedAt: v.optional(time),
  useHere: v.optional(v.boolean()),
  promptApi: v.optional(v.picklist(['oriel', 'browser'])),
  rule: v.optional(rule),
});

const contents = v.strictObject({
  version: v.literal(1),
  connections: v.pipe(v.array(connection), v.maxLength(limits.importRows)),
  autoLock: v.picklist(autoLocks),
  sites: v.pipe(v.array(site), v.maxLength(limits.importRows)),
});

const box = v.strictObject({
  format: v.literal('oriel-export'),
  version: v.literal(1),
  parameters: kdfParameters,
  iv: v.pipe(v.string(), v.base64(), v.length(16)),
  ciphertext: v.pipe(v.string(), v.base64()),
});

export type ExportContents = v.InferOutput<typeof contents>;
export type ExportedSite = v.InferOutput<typeof site>;
export type ExportedConnection = v.InferOutput<typeof connection>;
type Box = v.InferOutput<typeof box>;

const boundTo = (parameters: KdfParameters) =>
  new TextEncoder().encode(
    JSON.stringify([
      'oriel-export',
      1,
      parameters.algorithm,
      parameters.memoryKiB,
      parameters.iterations,
      parameters.parallelism,
      parameters.salt,
    ]),
  );

export async function writeFile(data: ExportContents, { key, parameters }: Protection): Promise<string> {
  const plain = new TextEncoder().encode(JSON.stringify(data));
  const { iv, ciphertext } = await seal(await importKey(fromBase64(key)), plain, boundTo(parameters));
  const written: Box = {
    format: 'oriel-export',
    version: 1,
    parameters,
    iv: toBase64(iv),
    ciphertext: toBase64(new Uint8Array(ciphertext)),
  };
  return JSON.stringify(written);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AiError('invalid-request', 'This is no file of Oriel.', { field: 'file', cause });
  }
}

/** @throws AiError `invalid-request`, field `file` */
export function readBox(file: string): Box {
  if (file.length > limits.importChars) throw refused('The file is too large.');
  const parsed = v.safeParse(box, parseJson(file), { abortEarly: true });
  if (!parsed.success) throw refused('This is no file of this version of Oriel.');
  return parsed.output;
}

/** @throws AiError `invalid-request`, field `passphrase` where it does not open, `file` where what it holds is wrong */
export async function readFile(file: string, key: string): Promise<ExportContents> {
  const { parameters, iv, ciphertext } = readBox(file);
  const sealed = { iv: fromBase64(iv), ciphertext: fromBase64(ciphertext).buffer };
  const plain = await unseal(await importKey(fromBase64(key)), sealed, boundTo(parameters));
  if (!plain) throw new AiError('invalid-request', 'The passphrase is wrong.', { field: 'passphrase' });
  const parsed = v.safeParse(contents, parseJson(new TextDecoder().decode(plain)), { abortEarly: true });
  if (!parsed.success) throw refused('What the file holds is not for this version of Oriel.');
  return parsed.output;
}
