/** The log as a file: every call that matches, fetched page by page. */

import type { ActivityEntry, ActivityFilter, CallContent } from '../../protocol/activity';
import { limits } from '../../protocol/limits';
import type { Client } from '../client';
import { answerText, askedText } from './content-text';
import { csvOf } from './csv';

const fields = [
  ...['time', 'site', 'frame', 'model', 'connection', 'place', 'ended', 'milliseconds'],
  ...['input_tokens', 'output_tokens', 'tokens_estimated', 'cost_usd', 'fault', 'status'],
] as const;

const contentFields = ['asked', 'received', 'answer'] as const;

export type ExportFormat = 'csv' | 'json';

/** With what was said, where that is kept and wanted. */
interface Exported extends ActivityEntry {
  readonly said?: CallContent | undefined;
}

function rowOf({ said, ...entry }: Exported) {
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
    asked: said?.asked.map(({ content }) => askedText(content)).join('\n'),
    received: said?.sent.join('\n'),
    answer: said?.answers.map(answerText).join('\n'),
  };
}

interface ExportOptions {
  readonly filter: ActivityFilter;
  readonly format: ExportFormat;
  /** What was asked and answered goes into the file as well, in clear. */
  readonly withContent: boolean;
}

/** @param onProgress is told how many calls are there, and how many there will be */
export async function exportActivity(
  client: Client,
  { filter, format, withContent }: ExportOptions,
  onProgress: (count: number, total: number) => void,
): Promise<string> {
  const withSaid = async (entry: ActivityEntry): Promise<Exported> => {
    const view = await client.call('activity-content', { id: entry.id });
    return view.type === 'kept' ? { ...entry, said: view.content } : entry;
  };
  const entries: Exported[] = [];
  let before: number | undefined;
  do {
    const page = await client.call('activity-list', {
      ...filter,
      limit: limits.activityPage,
      ...(before !== undefined && { before }),
    });
    for (const { content, ...entry } of page.entries) {
      entries.push(withContent && content === 'kept' ? await withSaid(entry) : entry);
      if (entries.length % limits.activityPage === 0 || entries.length === page.total) onProgress(entries.length, page.total);
    }
    before = page.next;
  } while (before !== undefined);
  if (format === 'csv') return csvOf<string>(withContent ? [...fields, ...contentFields] : fields, entries.map(rowOf));
  return JSON.stringify(entries, undefined, 2);
}
