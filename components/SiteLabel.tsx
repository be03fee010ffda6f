/** The name of a site, isolated from the text around it, with all of it in the title. */

import { i18n } from '#i18n';
import { chatSubject, type Subject } from '../protocol/ui-messages';
import { siteName } from './site-name';
import { Phrase, slot } from './ui/Phrase';

function OriginLabel({ origin }: { readonly origin: string }) {
  const { text, full } = siteName(origin);
  return (
    <bdi class="site" title={full}>
      {text}
    </bdi>
  );
}

/** A frame is named together with the site it sits in. */
export function SiteLabel({ subject }: { readonly subject: Subject }) {
  if (subject.top === chatSubject.top) return <span class="site">{i18n.t('chat.title')}</span>;
  const top = <OriginLabel origin={subject.top} />;
  if (subject.frame === undefined) return top;
  if (subject.frame === subject.top)
    return <Phrase text={i18n.t('rules.insideAnother', { site: slot('top') })} slots={{ top }} />;
  return (
    <Phrase
      text={i18n.t('site.frameIn', { frame: slot('frame'), top: slot('top') })}
      slots={{ frame: <OriginLabel origin={subject.frame} />, top }}
    />
  );
}

/** The same as plain text, for names of buttons and regions. */
export function subjectText({ top, frame }: Subject): string {
  if (top === chatSubject.top) return i18n.t('chat.title');
  if (frame === undefined) return siteName(top).text;
  if (frame === top) return i18n.t('rules.insideAnother', { site: siteName(top).text });
  return i18n.t('site.frameIn', { frame: siteName(frame).text, top: siteName(top).text });
}

export const subjectKey = ({ top, frame }: Subject): string => `${top} ${frame ?? ''}`;
