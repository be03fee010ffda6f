/** The log as a file: every call that matches, fetched page by page. */

import type { ActivityEntry, ActivityFilter } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import type { Client } from '../client';
import { csvOf } from './csv';

const fields = [
  ...['time', 'site', 'frame', 'model', 'connection', 'place', 'ended', 'milliseconds'],
  ...['input_tokens', 'output_tokens', 'tokens_estimated', 'cost_usd', 'fault', 'status'],
] as const;

function rowOf(entry: ActivityEntry) {
  const { at, subject, model, connectionName, place, outcome, milliseconds, usage, error } = entry;
  return {
    time: new Date(at).toISOString(),
    site: subject.top,
    frame: subject.frame,
    model,
    connection: connectionName,
    place,
    ended: outcome,
    milliseconds,
    input_tokens: usage?.inputTokens,
    output_tokens: usage?.outputTokens,
    tokens_estimated: usage?.estimated,
    cost_usd: usage?.costMicroUsd === undefined ? undefined : usage.costMicroUsd / 1e6,
    fault: error?.fault,
    status: error?.status,
  };
}

/** @param onProgress is told how many calls are there, and how many there will be */
export async function exportActivity(
  client: Client,
  filter: ActivityFilter,
  format: 'csv' | 'json',
  onProgress: (count: number, total: number) => void,
): Promise<string> {
  const entries: ActivityEntry[] = [];
  let before: number | undefined;
  do {
    const page = await client.call('activity-list', {
      ...filter,
      limit: limits.activityPage,
      ...(before !== undefined && { before }),
    });
    entries.push(...page.entries);
    onProgress(entries.length, page.total);
    before = page.next;
  } while (before !== undefined);
  if (format === 'csv') return csvOf<string>(fields, entries.map(rowOf));
  return JSON.stringify(entries, undefined, 2);
}
