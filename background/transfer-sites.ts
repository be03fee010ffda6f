/** Sites on their way into a file and out of it. In a file a connection is its place in the file's list, since each browser names its own. */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { SiteRule } from '../protocol/site-rules';
import type { SiteRecord } from './database';
import { subjectKey } from './identity';
import type { Grant } from './scopes';
import type { ExportedSite } from './transfer-file';

type ExportedGrant = NonNullable<ExportedSite['always']>;
type ExportedRule = NonNullable<ExportedSite['rule']>;

/** What names a connection that is gone does not go along. @param ids of the file's connections, in its order */
export function writeSite({ key: _, always, rule, ...site }: SiteRecord, ids: readonly ConnectionId[]): ExportedSite {
  return { ...site, always: always && writeGrant(always, ids), rule: rule && writeRule(rule, ids) };
}

function writeGrant(grant: Grant, ids: readonly ConnectionId[]): ExportedGrant | undefined {
  const { scopes, models, place, issuedAt, lastUsedAt } = grant;
  const connection = grant.connection === 'active' ? 'active' : ids.indexOf(grant.connection);
  if (connection === -1) return undefined;
  return { scopes: [...scopes], models: [...models], connection, place, issuedAt, lastUsedAt };
}

function writeRule(rule: SiteRule, ids: readonly ConnectionId[]): ExportedRule {
  const isThere = (id: ConnectionId) => ids.includes(id);
  const { connection, model, ...rest } = rule;
  // The model of a connection that is gone says nothing about another one.
  const isGone = connection !== undefined && !isThere(connection);
  return {
    ...rest,
    ...(!isGone && { model, connection: connection && ids.indexOf(connection) }),
    fallback: rule.fallback.filter(isThere).map((id) => ids.indexOf(id)),
    mapped: rule.mapped
      .filter((entry) => isThere(entry.connection))
      .map((entry) => ({ ...entry, connection: ids.indexOf(entry.connection) })),
  };
}

/** @throws AiError `invalid-request`, field `file`, where it names a connection that the file does not hold */
export function readSite({ subject, always, rule, ...site }: ExportedSite, ids: readonly ConnectionId[]): SiteRecord {
  const find = (index: number) => {
    const id = ids[index];
    if (id === undefined)
      throw new AiError('invalid-request', 'A site of the file names no connection of it.', { field: 'file' });
    return id;
  };
  const { connection = 'active' } = always ?? {};
  return {
    ...site,
    key: subjectKey(subject),
    subject,
    always: always && {
      ...always,
      subject,
      connection: connection === 'active' ? connection : find(connection),
      mode: 'always',
      expiresAt: always.lastUsedAt + limits.alwaysUnusedTtl,
    },
    rule: rule && {
      ...rule,
      connection: rule.connection === undefined ? undefined : find(rule.connection),
      fallback: rule.fallback.map(find),
      mapped: rule.mapped.map((entry) => ({ ...entry, connection: find(entry.connection) })),
    },
  };
}
