/**
 * What the system tells the person while the browser is not in front: that a page waits for them, and why one got no answer. Only with their permission,
 * the same at most once an hour, in words of Oriel's own: nothing of a page is in them.
 */

import type { AiError, Fault } from '../protocol/errors';
import { limits } from '../protocol/limits';
import { rowOf } from '../providers/catalog';
import { placeOf } from '../providers/place';
import type { Browser } from './browser-api';
import type { ConnectionRecord } from './database';
import { logDefect } from './log';
import { createStored } from './stored';

/** Text, as the system shows it. */
export interface Notice {
  readonly title: string;
  readonly message: string;
  /** What its button says, where the system shows one; pressing the notice itself does the same. */
  readonly button: string;
}

export interface Notices {
  /** One more call waits for the person. */
  waiting(): void;
  nothingWaits(): void;
  /** A page got no answer because of this backend. */
  failed(error: AiError, connection: ConnectionRecord): void;
  /** @param listener is called where the person goes to what waits */
  onWaitingPressed(listener: () => void): void;
}

interface NoticeDeps {
  readonly browser: Pick<
    Browser,
    'session' | 'isInFront' | 'notify' | 'withdrawNotice' | 'onNoticePressed' | 'openTab' | 'words'
  >;
  readonly now: () => number;
}

const waitingId = 'waiting';
const fixMark = 'fix ';

/** The sentence of the locale on whose fault it is: the same as in the popup. */
export function faultKey(fault: Fault, connection: ConnectionRecord): string {
  const isOnDevice = connection.providerId === 'on-device';
  const row = rowOf(connection.providerId);
  switch (fault) {
    case 'auth':
      return connection.keyEnding === undefined ? 'fault_secretMissing_what' : 'fault_auth_what';
    case 'network':
      return row && placeOf(row, connection) !== 'cloud' ? 'fault_network_nothingAnswers' : 'fault_network_unreachable';
    case 'no-model':
      return isOnDevice ? 'fault_noModel_notDownloaded' : 'fault_noModel_what';
    case 'malformed':
      return isOnDevice ? 'fault_malformed_damaged' : 'fault_malformed_what';
    default:
      return `fault_${fault.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}_what`;
  }
}

export function createNotices({ browser, now }: NoticeDeps): Notices {
  /** When each kind was told last. */
  const told = createStored<Readonly<Record<string, number>>>(browser.session, 'notices', {});
  const onPressed: (() => void)[] = [];

  const isRecent = (at: number) => at <= now() && now() - at < limits.noticeAgain;

  const tell = async (kind: string, id: string, notice: Notice) => {
    const at = (await told.get())[kind];
    if ((at !== undefined && isRecent(at)) || (await browser.isInFront())) return;
    if (!(await browser.notify(id, notice))) return;
    await told.update((all) => ({
      ...Object.fromEntries(Object.entries(all).filter(([, time]) => isRecent(time))),
      [kind]: now(),
    }));
  };

  browser.onNoticePressed((id) => {
    browser.withdrawNotice(id).catch(logDefect);
    if (id === waitingId) for (const listener of onPressed) listener();
    else if (id.startsWith(fixMark)) browser.openTab(`options.html#connections/${id.slice(fixMark.length)}`).catch(logDefect);
  });

  return {
    waiting() {
      const notice = {
        title: browser.words('noticeWaiting'),
        message: browser.words('noticeWaitingBody'),
        button: browser.words('noticeWaitingButton'),
      };
      tell(waitingId, waitingId, notice).catch(logDefect);
    },

    // The next one that waits is told of in its own time.
    nothingWaits: () => void browser.withdrawNotice(waitingId).catch(logDefect),

    failed({ fault }, connection) {
      if (fault === undefined) return;
      const { id, name } = connection;
      const notice = {
        title: browser.words(faultKey(fault, connection), { name, at: name }),
        message: browser.words('noticeFailedBody'),
        button: browser.words('popup_fix'),
      };
      tell(`${fault} ${id}`, `${fixMark}${id}`, notice).catch(logDefect);
    },

    onWaitingPressed: (listener) => void onPressed.push(listener),
  };
}
