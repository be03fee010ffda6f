/** Terms and grants as people give them, with one thing or another changed. */
import type { Terms } from '../../../background/grants';
import { anyModel, type Choice, classicScopes, type Grant } from '../../../background/scopes';
import { toConnectionId, toOrigin } from '../../../protocol/ids';
import { limits } from '../../../protocol/limits';

export const here: Choice = { connection: toConnectionId('local'), model: 'm', place: 'this-computer' };
export const cloud: Choice = { connection: toConnectionId('cloud'), model: 'gpt', place: 'cloud' };

export const terms = (change: Partial<Terms> = {}): Terms => ({
  scopes: classicScopes,
  models: [anyModel],
  connection: 'active',
  place: 'this-computer',
  ...change,
});

const top = toOrigin('https://site.test');
if (!top) throw new Error('This is an origin.');

export const grant = (change: Partial<Grant> = {}): Grant => ({
  subject: { top },
  ...terms(),
  mode: 'visit',
  issuedAt: 1000,
  lastUsedAt: 1000,
  expiresAt: 1000 + limits.visitTtl,
  ...change,
});
