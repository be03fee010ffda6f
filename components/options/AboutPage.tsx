/** The page **About**: which version this is, what leaves the computer, how keys are kept. */

import { i18n } from '#i18n';
import { useApp } from '../context';
import { Mark } from '../ui/Mark';

const Paragraph = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <section>
    <h2>{title}</h2>
    <p>{text}</p>
  </section>
);

export function AboutPage() {
  const { shell } = useApp();
  return (
    <>
      <div class="page-head about-head">
        <Mark size={56} />
        <div>
          <h1>{i18n.t('extName')}</h1>
          <p class="soft">{i18n.t('about.version', { version: shell.version })}</p>
        </div>
      </div>
      <p class="about-summary">{i18n.t('about.summary')}</p>
      <div class="card about">
        <Paragraph title={i18n.t('about.leavesTitle')} text={i18n.t('about.leaves')} />
        <Paragraph title={i18n.t('about.keysTitle')} text={i18n.t('about.keys')} />
        <Paragraph title={i18n.t('about.licenceTitle')} text={i18n.t('about.licence')} />
      </div>
    </>
  );
}
