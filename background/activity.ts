/** What happened: metadata of each call for the log, and the last failures with their full story for the person. */

import { type AiError, type PersonError, toPersonError } from '../protocol/errors';
import type { ModelInfo, Usage, Warning } from '../protocol/generate';
import { limits } from '../protocol/limits';
import { chatSubject, type FailureView } from '../protocol/ui-messages';
import type { ActivityLog } from './activity-log';
import type { Area } from './browser-api';
import { dayOf } from './budgets';
import type { CallRecorder } from './call-recorder';
import type { Contents } from './contents';
import type { ActivityRecord, ConnectionRecord } from './database';
import { type Asker, subjectKey } from './identity';
import { pricedBy, tariffOf } from './prices';
import { createStored } from './stored';

export interface Outcome {
  readonly asker: Asker;
  readonly connection: ConnectionRecord;
  readonly model: string;
  /** What is known of the model. */
  readonly info?: ModelInfo | undefined;
  readonly startedAt: number;
  readonly warnings?: readonly Warning[];
  /** Undefined where nothing was used. */
  readonly usage?: Usage | undefined;
  readonly error: AiError | undefined;
  /** What was said, where that is kept. */
  readonly recorder?: CallRecorder | undefined;
}

export interface Activity {
  /** Undefined where nothing of this call is kept but that it was made. */
  recorder: Contents['recorder'];
  append(outcome: Outcome): Promise<void>;
  failures(): Promise<readonly FailureView[]>;
  dismiss(id: string): Promise<void>;
}

interface ActivityDeps {
  readonly log: Pick<ActivityLog, 'add'>;
  readonly contents: Pick<Contents, 'recorder' | 'seal'>;
  readonly session: Area;
  readonly now: () => number;
  readonly onChange: () => void;
  /** A page got no answer, for a reason that lies with its backend. */
  readonly onFailure: (error: AiError, connection: ConnectionRecord) => void;
}

/** The backend's own words may repeat what was asked. */
function withoutWords(error: AiError): PersonError {
  const { detail: _, ...told } = toPersonError(error);
  return told;
}

export function createActivity({ log, contents, session, now, onChange, onFailure }: ActivityDeps): Activity {
  const failures = createStored<readonly FailureView[]>(session, 'failures', []);

  const note = async ({ asker, connection, model, info, startedAt, warnings = [], usage, error, recorder }: Outcome) => {
    if (asker.isPrivate) return;
    const at = now();
    const priced = pricedBy(connection, model, info);
    const content = recorder && (await contents.seal(recorder.content(), at));
    const call: ActivityRecord = {
      at,
      day: dayOf(at),
      subject: asker.subject,
      siteKey: subjectKey(asker.subject),
      connectionId: connection.id,
      connectionName: connection.name,
      place: priced.place,
      model,
      outcome: error?.code ?? 'answered',
      milliseconds: at - startedAt,
      ...(usage && { usage }),
      ...(tariffOf(priced) === 'free' && { isFree: true }),
      ...(warnings.length > 0 && { warnings }),
      ...(error && { error: withoutWords(error) }),
      ...(content ? { contentId: content.id } : recorder && { contentLocked: true }),
    };
    await log.add(call, content);
    onChange();
  };

  const tell = async ({ error, asker, connection }: Outcome) => {
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
    // A private window leaves no trace in the system's list either; who chats sees it there.
    if (!asker.isPrivate && asker.subject.top !== chatSubject.top) onFailure(error, connection);
  };

  return {
    recorder: contents.recorder,

    async append(outcome) {
      // First, as it needs no room on the disk.
      await tell(outcome);
      await note(outcome);
    },

    failures: () => failures.get(),

    async dismiss(id) {
      await failures.update((all) => all.filter((failure) => failure.id !== id));
      onChange();
    },
  };
}
