/** What happened: one row of metadata a call in the database, and the last failures with their full story for the person. */

import { type AiError, toPersonError } from '../protocol/errors';
import type { Usage } from '../protocol/generate';
import { limits } from '../protocol/limits';
import type { FailureView } from '../protocol/ui-messages';
import type { Area } from './browser';
import type { ConnectionRecord, Database } from './database';
import type { Asker } from './identity';
import { createStored } from './stored';

export interface Outcome {
  readonly asker: Asker;
  readonly connection: ConnectionRecord;
  readonly model: string;
  readonly startedAt: number;
  readonly usage: Usage | undefined;
  readonly error: AiError | undefined;
}

export interface Activity {
  append(outcome: Outcome): Promise<void>;
  failures(): Promise<readonly FailureView[]>;
  dismiss(id: string): Promise<void>;
}

interface ActivityDeps {
  readonly database: Database;
  readonly session: Area;
  readonly now: () => number;
  readonly onChange: () => void;
}

export function createActivity({ database, session, now, onChange }: ActivityDeps): Activity {
  const failures = createStored<readonly FailureView[]>(session, 'failures', []);

  /** Every hundredth row looks whether the oldest must go. */
  const prune = async (lastId: number) => {
    if (lastId % 100 !== 0) return;
    const excess = (await database.activity.count()) - limits.activityRows;
    if (excess > 0) await database.activity.bulkDelete(await database.activity.orderBy('id').limit(excess).primaryKeys());
  };

  const log = async ({ asker, connection, model, startedAt, usage, error }: Outcome) => {
    if (asker.isPrivate) return;
    const at = now();
    const lastId = await database.activity.add({
      at,
      subject: asker.subject,
      connectionId: connection.id,
      model,
      outcome: error?.code ?? 'answered',
      milliseconds: at - startedAt,
      ...(usage && { usage }),
    });
    await prune(lastId);
  };

  return {
    async append(outcome) {
      await log(outcome);
      const { error, asker, connection } = outcome;
      if (!error?.fault) return;
      const failure: FailureView = {
        id: crypto.randomUUID(),
        at: now(),
        subject: asker.subject,
        connectionId: connection.id,
        connectionName: connection.name,
        error: toPersonError(error),
      };
      // One line for one trouble: a page that tries again does not fill the popup.
      const isOther = (old: FailureView) => old.connectionId !== connection.id || old.error.fault !== error.fault;
      await failures.update((all) => [failure, ...all.filter(isOther)].slice(0, limits.failuresShown));
      onChange();
    },

    failures: () => failures.get(),

    async dismiss(id) {
      await failures.update((all) => all.filter((failure) => failure.id !== id));
      onChange();
    },
  };
}
