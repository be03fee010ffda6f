/** What was asked and answered in one call, where the person has that kept: plain text, never markup. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ActivityEntry, CallContent, ContentView } from '../../protocol/activity';
import { toPersonError } from '../../protocol/errors';
import { roleText } from '../approval/role-text';
import { useApp } from '../context';
import { revealed } from '../plain-text';
import { Disclosure } from '../ui/Disclosure';
import { Notice } from '../ui/Notice';
import { answerText, askedText, parametersText, receivedOf } from './content-text';

function useContent({ id, content }: ActivityEntry): ContentView | undefined {
  const { client } = useApp();
  const [view, setView] = useState<ContentView>();
  useEffect(() => {
    if (content !== 'kept') return;
    let stale = false;
    client.call('activity-content', { id }).then(
      (answer) => !stale && setView(answer),
      // Where the background died or was locked, the screen changes by itself.
      (error) => !stale && toPersonError(error).code === 'unknown' && setView({ type: 'unreadable' }),
    );
    return () => {
      stale = true;
    };
  }, [client, id, content]);
  return view;
}

const Plain = ({ label, children }: { readonly label: string; readonly children: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
  <section class="said" aria-label={label} tabIndex={0}>
    <pre dir="auto">{revealed(children)}</pre>
  </section>
);

const Part = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <div>
    <p class="soft small">{title}</p>
    {children}
  </div>
);

function Asked({ content: { asked, parameters } }: { readonly content: CallContent }) {
  const further = parametersText(parameters);
  return (
    <Disclosure label={i18n.t('activity.asked')}>
      <div class="stack said-parts">
        {asked.map((message, index) => (
          <Part key={index} title={roleText(message.role)}>
            <Plain label={roleText(message.role)}>{askedText(message.content)}</Plain>
          </Part>
        ))}
        {further !== '' && (
          <Part title={i18n.t('activity.askedFurther')}>
            <Plain label={i18n.t('activity.askedFurther')}>{further}</Plain>
          </Part>
        )}
      </div>
    </Disclosure>
  );
}

function Received({ content: { sent } }: { readonly content: CallContent }) {
  const label = i18n.t('activity.received');
  return (
    <Disclosure label={label}>
      <div class="stack said-parts">
        {sent.length === 0 && <p class="soft small">{i18n.t('activity.receivedAsIs')}</p>}
        {sent.map(receivedOf).map(({ prompt, whole }, index) => (
          <div key={index} class="stack">
            {prompt !== undefined && (
              <Part title={i18n.t('activity.receivedPrompt')}>
                <Plain label={i18n.t('activity.receivedPrompt')}>{prompt}</Plain>
              </Part>
            )}
            <Part title={i18n.t('activity.receivedBody')}>
              <Plain label={i18n.t('activity.receivedBody')}>{whole}</Plain>
            </Part>
          </div>
        ))}
      </div>
    </Disclosure>
  );
}

function Answered({ content: { answers } }: { readonly content: CallContent }) {
  const label = i18n.t('activity.answer');
  return (
    <Disclosure label={label}>
      <div class="stack said-parts">
        {answers.length === 0 && <p class="soft small">{i18n.t('activity.answerNone')}</p>}
        {answers.map((answer, index) => (
          <div key={index} class="stack">
            {answer.reasoning !== '' && (
              <Part title={i18n.t('activity.thought')}>
                <Plain label={i18n.t('activity.thought')}>{answer.reasoning}</Plain>
              </Part>
            )}
            <Plain label={label}>{answerText(answer)}</Plain>
          </div>
        ))}
      </div>
    </Disclosure>
  );
}

export function ActivityContent({ entry }: { readonly entry: ActivityEntry }) {
  const view = useContent(entry);
  const missing = {
    locked: i18n.t('activity.contentLocked'),
    gone: i18n.t('activity.contentGone'),
    unreadable: i18n.t('activity.contentUnreadable'),
  };
  if (entry.content === 'locked') return <p class="soft small">{missing.locked}</p>;
  if (!view) return null;
  if (view.type !== 'kept') return <p class="soft small">{missing[view.type]}</p>;
  return (
    <div class="stack">
      <Asked content={view.content} />
      <Received content={view.content} />
      <Answered content={view.content} />
      {view.content.isCut && (
        <Notice kind="plain">
          <p>{i18n.t('activity.contentCut')}</p>
        </Notice>
      )}
    </div>
  );
}
