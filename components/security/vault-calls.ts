/** The steps between a typed passphrase and the vault. The passphrase is turned into its key here, and only the key goes on. */

import { AiError } from '../../protocol/errors';
import type { App } from '../context';

/** The key of the passphrase that is set; undefined where none is. */
export async function currentKey({ client, shell }: App, passphrase: string): Promise<string | undefined> {
  const { parameters } = await client.call('vault-parameters', {});
  return parameters && shell.passphrases.derive(passphrase, parameters);
}

export async function unlock(app: App, passphrase: string): Promise<void> {
  const { client, shell } = app;
  const key = await currentKey(app, passphrase);
  // Somebody removed the passphrase meanwhile: there is nothing to unlock any more.
  if (key === undefined) return;
  const { isOutdated } = await client.call('vault-unlock', { key });
  if (!isOutdated) return;
  const { key: next, parameters } = await shell.passphrases.create(passphrase);
  await client.call('vault-protect', { current: key, next: { key: next, parameters } });
}

export async function protect(app: App, current: string, next: string | undefined): Promise<void> {
  const { client, shell } = app;
  const key = await currentKey(app, current);
  await client.call('vault-protect', { current: key, next: next === undefined ? null : await shell.passphrases.create(next) });
}

export async function exportFile(app: App, current: string, next: string, withSites: boolean): Promise<string> {
  const { client, shell } = app;
  const key = await currentKey(app, current);
  return client.call('vault-export', { current: key, next: await shell.passphrases.create(next), withSites });
}

/** @throws AiError `invalid-request`, field `file` */
export async function readImport({ client, shell }: App, file: string, passphrase: string) {
  const parameters = await client.call('vault-import-parameters', { file });
  const key = await shell.passphrases.derive(passphrase, parameters);
  return { key, preview: await client.call('vault-import-preview', { file, key }) };
}

export const tooLarge = () => new AiError('invalid-request', 'The file is too large.', { field: 'file' });
