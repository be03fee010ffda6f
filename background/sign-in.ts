/**
 * Signing in at a provider, in place of pasting a key: OAuth's authorization code with PKCE (RFC 7636, security.md 4.7). One sign-in at a
 * time. What comes back counts once, within ten minutes, and only at the address that was made up for it: whoever sends another answer
 * could have the person use a stranger's key, and with it the stranger read every request.
 */

import { toBase64 } from '../protocol/base64';
import { AiError, backendError, toAiError } from '../protocol/errors';
import { toConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { SignInTerms } from '../protocol/sign-in';
import { rowOf } from '../providers/catalog';
import { createClock } from '../providers/clock';
import { errand } from '../providers/exchange';
import { createHttp } from '../providers/http';
import type { CatalogRow } from '../providers/provider';
import type { Browser } from './browser-api';
import type { Egress } from './egress';
import type { KeepAlive } from './keep-alive';
import { createStored } from './stored';

export interface SignIn {
  /**
   * Shows the provider's page and resolves to the key that it gave, which goes into the vault and nowhere else.
   * @throws AiError `aborted` where the person closed it or said no, `not-allowed` for an answer of another sign-in, else a fault
   */
  run(providerId: string, terms: SignInTerms): Promise<string>;
}

interface SignInDeps {
  readonly browser: Pick<Browser, 'session' | 'signInAddress' | 'openSignIn'>;
  readonly egress: Egress;
  readonly keepAlive: KeepAlive;
  readonly now: () => number;
}

/** A sign-in that has not come back. */
interface Pending {
  readonly nonce: string;
  readonly verifier: string;
  readonly startedAt: number;
}

type SignInRow = CatalogRow & {
  readonly signIn: NonNullable<CatalogRow['signIn']>;
  readonly address: { readonly type: 'fixed' };
};

const resets = { day: 'daily', week: 'weekly', month: 'monthly' } as const;
const day = 24 * 60 * 60 * 1000;

export function createSignIn({ browser, egress, keepAlive, now }: SignInDeps): SignIn {
  const pending = createStored<{ readonly flow?: Pending }>(browser.session, 'sign-in', {});

  /** The sign-in that this address belongs to. It is over then, whatever comes of it. */
  const take = async (address: URL, row: SignInRow): Promise<Pending> => {
    let found: Pending | undefined;
    await pending.update(({ flow }) => {
      const isOurs = flow !== undefined && address.origin + address.pathname === callbackOf(row, flow.nonce);
      if (isOurs) found = flow;
      return isOurs ? {} : { ...(flow && { flow }) };
    });
    if (found === undefined || Math.abs(now() - found.startedAt) > limits.signIn) throw foreign();
    return found;
  };

  const callbackOf = (row: SignInRow, nonce: string) => browser.signInAddress(`${row.id}/${nonce}`);

  const open = async (row: SignInRow, terms: SignInTerms): Promise<URL> => {
    const flow = { nonce: randomText(), verifier: randomText(), startedAt: now() };
    await pending.update(() => ({ flow }));
    const url = await pageOf(row, terms, callbackOf(row, flow.nonce), flow);
    const release = keepAlive.hold();
    try {
      return new URL(await browser.openSignIn(url));
    } catch (error) {
      await pending.update((old) => (old.flow?.nonce === flow.nonce ? {} : old));
      // Both browsers tell it in words only.
      if (/could not be loaded/i.test(String(error))) throw backendError('network', 'The page for signing in cannot be reached.');
      throw closed();
    } finally {
      release();
    }
  };

  /** Without a secret, and to an address below the provider's own. */
  const exchange = async (row: SignInRow, code: string, verifier: string): Promise<string> => {
    const unsigned: CatalogRow = { ...row, auth: { type: 'none' } };
    const connection = { id: toConnectionId('sign-in'), providerId: row.id, name: row.name };
    const clock = createClock(now);
    const http = createHttp({ fetch: egress.bind(connection, unsigned), clock, isLocal: false, headers: {} });
    const body = { code, code_verifier: verifier, code_challenge_method: 'S256' };
    const url = row.address.baseUrl + row.signIn.exchange;
    try {
      const answer = await errand(new AbortController().signal, clock, (lifeline) => http.call('POST', url, body, lifeline));
      return readKey(answer);
    } catch (thrown) {
      const { fault, code: what, status } = toAiError(thrown);
      // The provider's own words stay here: they may repeat the code or the verifier.
      throw new AiError(what, 'The provider gave no key.', { fault, status });
    }
  };

  return {
    async run(providerId, terms) {
      const row = rowOf(providerId);
      if (!row || !isSignInRow(row)) throw new AiError('invalid-request', 'Nobody can sign in there.', { field: 'providerId' });
      const address = await open(row, terms);
      const { verifier } = await take(address, row);
      const code = address.searchParams.get('code');
      if (!code) throw closed();
      return exchange(row, code, verifier);
    },
  };
}

const isSignInRow = (row: CatalogRow): row is SignInRow => row.signIn !== undefined && row.address.type === 'fixed';
const closed = () => new AiError('aborted', 'The sign-in was not finished.');
const foreign = () => new AiError('not-allowed', 'An answer came that belongs to no sign-in.');

/** 32 random bytes. */
const randomText = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

const toBase64Url = (bytes: Uint8Array<ArrayBuffer>): string =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

/** The page with all that is asked for: the key that it makes ends by itself, in money and in time. */
async function pageOf(row: SignInRow, terms: SignInTerms, callback: string, { verifier, startedAt }: Pending): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    callback_url: callback,
    code_challenge: toBase64Url(new Uint8Array(hash)),
    code_challenge_method: 'S256',
    key_label: 'Oriel',
    limit: String(terms.limit / 1e6),
    usage_limit_type: resets[terms.period],
    expires_at: new Date(startedAt + terms.days * day).toISOString(),
  });
  return `${row.signIn.page}?${query}`;
}

function readKey(answer: unknown): string {
  const key = typeof answer === 'object' && answer !== null && 'key' in answer ? answer.key : undefined;
  if (typeof key !== 'string' || key.trim() === '') throw backendError('malformed', 'The answer holds no key.');
  return key;
}
