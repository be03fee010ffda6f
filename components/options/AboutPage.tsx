/** The page **About**: which version this is, what leaves the computer, how keys are kept, what keys do, where to read on. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import type { Shortcut } from '../shortcuts';
import { Button } from '../ui/Button';
import { Mark } from '../ui/Mark';

const Section = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section>
    <h2>{title}</h2>
    {children}
  </section>
);

/** They come with the extension (wxt.config.ts), so that they are about this version and nothing is loaded from elsewhere. */
const Reading = () => (
  <ul>
    {[
      { href: '/docs/troubleshooting.txt', text: i18n.t('about.moreTroubles') },
      { href: '/docs/permissions.txt', text: i18n.t('about.morePermissions') },
      { href: '/docs/backends.txt', text: i18n.t('about.moreBackends') },
      { href: '/docs/window-ai.txt', text: i18n.t('about.moreAuthors') },
    ].map(({ href, text }) => (
      <li key={href}>
        <a href={href} target="_blank" rel="noreferrer">
          {text}
        </a>
      </li>
    ))}
  </ul>
);

/** What the keys are now, asked anew where the person comes back from having changed them. */
function Shortcuts() {
  const { all, open } = useApp().shell.shortcuts;
  const [set, setSet] = useState<readonly Shortcut[]>([]);
  useEffect(() => {
    const ask = () => void all().then(setSet);
    ask();
    addEventListener('focus', ask);
    return () => removeEventListener('focus', ask);
  }, [all]);
  return (
    <>
      {set.map(({ does, keys }) => (
        <p key={does}>
          {does === 'open-popup' ? i18n.t('about.keyboardPopup', { keys }) : i18n.t('about.keyboardPanel', { keys })}
        </p>
      ))}
      {open ? (
        <div class="row about-shortcuts">
          <Button size="small" onClick={() => void open()}>
            {i18n.t('about.changeShortcuts')}
          </Button>
        </div>
      ) : (
        <p>{i18n.t('about.shortcutsByHand')}</p>
      )}
    </>
  );
}

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
        <Section title={i18n.t('about.leavesTitle')}>
          <p>{i18n.t('about.leaves')}</p>
        </Section>
        <Section title={i18n.t('about.keysTitle')}>
          <p>{i18n.t('about.keys')}</p>
        </Section>
        <Section title={i18n.t('about.keyboardTitle')}>
          <p>{i18n.t('about.keyboardCard')}</p>
          <p>{i18n.t('about.keyboardChat')}</p>
          <p>{i18n.t('about.keyboardAll')}</p>
          <Shortcuts />
        </Section>
        <Section title={i18n.t('about.moreTitle')}>
          <Reading />
        </Section>
        <Section title={i18n.t('about.licenceTitle')}>
          <p>{i18n.t('about.licence')}</p>
        </Section>
      </div>
    </>
  );
}
