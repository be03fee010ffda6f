/** What comes after a model is connected: who answers now, whatever waited for it, a first question, and Oriel's place in the toolbar. */

import { i18n } from '#i18n';
import type { Balance } from '../../protocol/generate';
import type { ConnectionView } from '../../protocol/ui-messages';
import { rowOf } from '../../providers/catalog';
import { useApp } from '../context';
import { BalanceFacts } from '../options/BalanceFacts';
import { UnlimitedKey } from '../options/SignIn';
import { placeText } from '../place-text';
import { plainLine } from '../plain-text';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { FirstQuestion } from './FirstQuestion';
import { Heading } from './Heading';
import { PinOriel } from './PinOriel';
import { SiteAccess } from './SiteAccess';
import { type Waited, WaitingSite } from './WaitingSite';

interface ConnectedProps {
  readonly connection: ConnectionView;
  /** What its test said of the account, where it was connected just now. */
  readonly balance: Balance | undefined;
  /** It was connected on this page, a moment ago. */
  readonly isNew: boolean;
  readonly waited: Waited;
  readonly onAnother: () => void;
}

export function Connected({ connection, balance, isNew, waited, onAnother }: ConnectedProps) {
  const { shell } = useApp();
  const { defaultModel, providerId } = connection;
  const row = rowOf(providerId);
  const place = placeText(connection);
  const facts = defaultModel === undefined ? place : i18n.t('welcome.facts', { model: plainLine(defaultModel), place });
  return (
    <>
      <div class="welcome-head">
        <span class="welcome-done">
          <Icon name="check" size={20} />
        </span>
        <div>
          <Heading level="h1" focused={isNew}>
            {i18n.t('welcome.connected', { name: plainLine(connection.name) })}
          </Heading>
          <p class="soft">{facts}</p>
          {balance && <BalanceFacts balance={balance} />}
        </div>
      </div>
      {row?.signIn && <UnlimitedKey row={row} balance={balance} />}
      <SiteAccess />
      <WaitingSite {...waited} />
      <FirstQuestion key={connection.id} connection={connection} />
      <PinOriel />
      <section>
        <h2>{i18n.t('welcome.nextTitle')}</h2>
        <p class="soft">{i18n.t('welcome.nextBody')}</p>
        {/* Firefox brings an add-on into the pages that are open already. */}
        {shell.family !== 'firefox' && <p class="soft">{i18n.t('welcome.nextReload')}</p>}
        <div class="row welcome-ways">
          <Button onClick={() => void shell.openChat()}>
            <Icon name="chat" />
            {i18n.t('popup.openChat')}
          </Button>
          <Button onClick={onAnother}>
            <Icon name="plus" />
            {i18n.t('welcome.another')}
          </Button>
          <a class="button" href="options.html#connections">
            <Icon name="sliders" />
            {i18n.t('popup.settings')}
          </a>
        </div>
      </section>
    </>
  );
}
