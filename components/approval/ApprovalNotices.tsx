/** What a card warns of: where a request would go now, what it seems to hold, who else may read it, and whom its address may pretend to be. */

import { i18n } from '#i18n';
import type { Place } from '../../protocol/generate';
import type { ApprovalNotice, Suspect } from '../../protocol/site-rules';
import type { ApprovalView } from '../../protocol/ui-messages';
import { siteName } from '../site-name';
import { Notice } from '../ui/Notice';
import { Phrase, slot } from '../ui/Phrase';

const untilText = (until: Place): string =>
  ({
    'this-computer': i18n.t('card.untilComputer'),
    network: i18n.t('card.untilNetwork'),
    cloud: i18n.t('card.untilCloud'),
    volunteers: i18n.t('card.untilCloud'),
  })[until];

const holdsText = (what: Suspect): string =>
  ({
    key: i18n.t('card.holdsKey'),
    password: i18n.t('card.holdsPassword'),
    'card-number': i18n.t('card.holdsCard'),
  })[what];

function Why({ notice }: { readonly notice: ApprovalNotice }) {
  if (notice.type === 'further') {
    return (
      <Notice kind="caution">
        <p>{untilText(notice.until)}</p>
      </Notice>
    );
  }
  return (
    <Notice kind="caution">
      <p>
        <strong>{holdsText(notice.what)}</strong>
      </p>
      <p>
        <Phrase
          text={i18n.t('card.holdsBody', { part: slot('part') })}
          slots={{ part: <bdi class="masked">{notice.masked}</bdi> }}
        />
      </p>
    </Notice>
  );
}

export function ApprovalNotices({ approval: { subject, insecure, notice } }: { readonly approval: ApprovalView }) {
  const encoded = [subject.top, subject.frame ?? ''].some((origin) => origin !== '' && siteName(origin).encoded);
  return (
    <>
      {notice && <Why notice={notice} />}
      {insecure && (
        <Notice kind="caution">
          <p>{i18n.t('approval.insecure')}</p>
        </Notice>
      )}
      {encoded && (
        <Notice kind="caution">
          <p>{i18n.t('approval.encoded')}</p>
        </Notice>
      )}
    </>
  );
}
