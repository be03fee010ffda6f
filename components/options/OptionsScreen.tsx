/** The options page: navigation beside the page that the address names. */

import type { ReadonlySignal } from '@preact/signals';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { SecurityPage } from '../security/SecurityPage';
import { UnlockView } from '../security/UnlockView';
import { Mark } from '../ui/Mark';
import { AboutPage } from './AboutPage';
import { ActivityPage } from './ActivityPage';
import { ConnectionsPage } from './ConnectionsPage';
import type { ImportModel } from './models/FromFile';
import { ModelsPage } from './models/ModelsPage';
import type { Route } from './route';
import { SitesPage } from './SitesPage';
import { UsagePage } from './UsagePage';

function Navigation({ page }: { readonly page: Route['page'] }) {
  const links: readonly { readonly page: Route['page']; readonly text: string }[] = [
    { page: 'connections', text: i18n.t('options.connections') },
    { page: 'sites', text: i18n.t('options.sites') },
    { page: 'usage', text: i18n.t('options.usage') },
    { page: 'activity', text: i18n.t('options.activity') },
    { page: 'models', text: i18n.t('models.title') },
    { page: 'security', text: i18n.t('security.title') },
    { page: 'about', text: i18n.t('options.about') },
  ];
  return (
    <nav class="navigation" aria-label={i18n.t('options.navigation')}>
      {links.map((link) => (
        <a key={link.page} href={`#${link.page}`} aria-current={link.page === page ? 'page' : undefined}>
          {link.text}
        </a>
      ))}
    </nav>
  );
}

interface OptionsScreenProps {
  readonly route: ReadonlySignal<Route>;
  readonly importModel: ImportModel;
}

export function OptionsScreen({ route: current, importModel }: OptionsScreenProps) {
  const overview = useApp().client.overview.value;
  const route = current.value;
  const isLocked = overview?.vault.type === 'locked' && route.page !== 'about';
  const shown = isLocked ? undefined : overview;
  return (
    <div class="options">
      <header class="options-side">
        <div class="options-brand">
          <Mark size={28} />
          <span>{i18n.t('extName')}</span>
        </div>
        <Navigation page={route.page} />
      </header>
      <main class="options-main" aria-busy={overview === undefined}>
        {isLocked && <UnlockView />}
        {shown && route.page === 'connections' && <ConnectionsPage overview={shown} dialog={route.dialog} />}
        {shown && route.page === 'sites' && <SitesPage overview={shown} />}
        {shown && route.page === 'usage' && <UsagePage overview={shown} />}
        {shown && route.page === 'activity' && <ActivityPage overview={shown} />}
        {shown && route.page === 'models' && <ModelsPage overview={shown} importModel={importModel} />}
        {shown && route.page === 'security' && <SecurityPage vault={shown.vault} setAside={shown.setAside} />}
        {route.page === 'about' && <AboutPage />}
      </main>
    </div>
  );
}
