/** One call of the log: a line that opens to all that is known of it. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { type ActivityEntry, endingOf } from '../../protocol/activity';
import { type ConnectionView, chatSubject, type Overview, type Subject } from '../../protocol/ui-messages';
import { FaultNotice } from '../FaultNotice';
import { contextOf } from '../fault-text';
import { instant, moment } from '../format';
import { plainLine } from '../plain-text';
import { SiteLabel, subjectText } from '../SiteLabel';
import { siteName } from '../site-name';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Notice } from '../ui/Notice';
import { ActivityContent } from './ActivityContent';
import { costOnLine, costText, endingText, placeName, tokensText, tokenText, warningText } from './activity-text';
import type { Removals } from './use-removal';

/** Nothing of the address is left out here. */
function fullSite({ top, frame }: Subject): string {
  const { full } = siteName(top);
  return frame === undefined ? full : i18n.t('site.frameIn', { frame: siteName(frame).full, top: full });
}

function Facts({ entry }: { readonly entry: ActivityEntry }) {
  const { usage } = entry;
  const counts: readonly (readonly [name: string, value: number | undefined])[] = usage
    ? [
        [i18n.t('activity.inputTokens'), usage.inputTokens],
        ...(usage.cachedTokens === undefined ? [] : [[i18n.t('activity.cachedTokens'), usage.cachedTokens] as const]),
        [i18n.t('activity.outputTokens'), usage.outputTokens],
        ...(usage.reasoningTokens === undefined ? [] : [[i18n.t('activity.reasoningTokens'), usage.reasoningTokens] as const]),
      ]
    : [];
  const facts: readonly (readonly [name: string, text: string])[] = [
    [i18n.t('activity.time'), instant(entry.at)],
    // A server that was never reached has named none.
    ...(entry.model === '' ? [] : [[i18n.t('activity.model'), plainLine(entry.model)] as const]),
    [i18n.t('activity.connection'), plainLine(entry.connectionName)],
    [i18n.t('activity.place'), placeName(entry.place)],
    ...counts.map(([name, value]) => [name, tokenText(value, usage?.estimated ?? false)] as const),
    [i18n.t('activity.cost'), costText(entry)],
  ];
  return (
    <dl class="call-facts">
      <div>
        <dt>{i18n.t('activity.site')}</dt>
        <dd>
          <bdi>{fullSite(entry.subject)}</bdi>
        </dd>
      </div>
      {facts.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

interface DetailsProps {
  readonly entry: ActivityEntry;
  readonly connection: ConnectionView | undefined;
  readonly removals: Removals;
}

/** Made when it is looked at: most lines of a list are never opened. */
function Details({ entry, connection, removals: { remove } }: DetailsProps) {
  const { subject, connectionId, connectionName, error, warnings = [] } = entry;
  return (
    <div class="activity-details stack">
      {error && (
        <FaultNotice error={error} context={connection ? contextOf(connection) : { name: connectionName }}>
          {connection && error.fault !== undefined && (
            <a class="button" data-size="small" href={`#connections/${encodeURIComponent(connectionId)}`}>
              {i18n.t('popup.fix')}
            </a>
          )}
        </FaultNotice>
      )}
      {warnings.map((warning) => (
        <Notice key={warningText(warning)} kind="plain">
          <p>{warningText(warning)}</p>
        </Notice>
      ))}
      <Facts entry={entry} />
      {entry.content && <ActivityContent entry={entry} />}
      <div class="row">
        <Button size="small" onClick={() => remove({ type: 'one', id: entry.id }, i18n.t('activity.deletedOne'))}>
          {i18n.t('activity.delete')}
        </Button>
        <Button
          size="small"
          onClick={() => remove({ type: 'site', subject }, i18n.t('activity.deletedSite', { site: subjectText(subject) }))}
        >
          {subject.top === chatSubject.top ? i18n.t('activity.deleteChat') : i18n.t('activity.deleteSite')}
        </Button>
      </div>
    </div>
  );
}

interface ActivityRowProps {
  readonly entry: ActivityEntry;
  readonly overview: Overview;
  readonly removals: Removals;
}

export function ActivityRow({ entry, overview, removals }: ActivityRowProps) {
  const { at, subject, model, connectionId, connectionName, outcome } = entry;
  const connection = overview.connections.find(({ id }) => id === connectionId);
  const [isOpen, setIsOpen] = useState(false);
  const used = [tokensText(entry), costOnLine(entry)].filter(Boolean).join(' · ');
  return (
    <li class="activity-entry" data-ending={endingOf(outcome)}>
      <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <Icon name="chevron" />
          <span class="activity-line">
            <strong>
              <SiteLabel subject={subject} />
            </strong>
            <time class="soft small" dateTime={new Date(at).toISOString()}>
              {moment(at)}
            </time>
            <span class="soft">{[model, connectionName].filter(Boolean).map(plainLine).join(' · ')}</span>
            <span class="activity-use small">
              <span class="activity-ending">{endingText(entry)}</span>
              <span class="soft">{used}</span>
            </span>
          </span>
        </summary>
        {isOpen && <Details entry={entry} connection={connection} removals={removals} />}
      </details>
    </li>
  );
}
