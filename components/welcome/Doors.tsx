/** Three doors to a first model, one open at a time, and apart from them the one to volunteers. */

import { useId, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Overview } from '../../protocol/ui-messages';
import type { Added } from '../options/add-connection';
import type { DeviceConnect } from '../options/use-device-connect';
import { Icon, type IconName } from '../ui/Icon';
import { Heading } from './Heading';
import { KeyDoor } from './KeyDoor';
import { SignInDoor } from './SignInDoor';
import { ThisComputer } from './ThisComputer';
import { Volunteers } from './Volunteers';

export interface DoorProps {
  readonly overview: Overview;
  readonly deviceConnect: DeviceConnect;
  /** A connection was saved, whether it answers or not. */
  readonly onAdded: (added: Added) => void;
}

type DoorName = 'computer' | 'sign-in' | 'key' | 'volunteers';

interface Door {
  readonly name: DoorName;
  readonly icon: IconName;
  readonly title: string;
  readonly body: string;
}

const doorsOf = ({ device = [], hasBrowserModel = false }: Overview): readonly Door[] => [
  {
    name: 'computer',
    icon: 'computer',
    title: i18n.t('welcome.computer'),
    // Not every browser has or runs a model.
    body: device.length > 0 || hasBrowserModel ? i18n.t('welcome.computerBody') : i18n.t('welcome.computerOnlyServers'),
  },
  { name: 'sign-in', icon: 'signIn', title: i18n.t('welcome.signIn'), body: i18n.t('welcome.signInBody') },
  { name: 'key', icon: 'key', title: i18n.t('welcome.key'), body: i18n.t('welcome.keyBody') },
  { name: 'volunteers', icon: 'people', title: i18n.t('welcome.volunteers'), body: i18n.t('welcome.volunteersBody') },
];

function Panel({ name, ...props }: DoorProps & { readonly name: DoorName }) {
  switch (name) {
    case 'computer':
      return <ThisComputer {...props} />;
    case 'sign-in':
      return <SignInDoor {...props} />;
    case 'key':
      return <KeyDoor {...props} />;
    case 'volunteers':
      return <Volunteers {...props} />;
  }
}

export function Doors(props: DoorProps) {
  const id = useId();
  const [open, setOpen] = useState<DoorName>();
  const all = doorsOf(props.overview);
  const shown = all.find(({ name }) => name === open);
  return (
    <>
      <ul class="doors">
        {all.map(({ name, icon, title, body }) => (
          <li key={name} class="door" data-door={name} data-open={name === open}>
            <Icon name={icon} size={20} />
            <div class="door-words">
              {/* Its name is what is seen on it; the press takes on all of the card. */}
              <button
                type="button"
                class="door-title"
                aria-describedby={`${id}-${name}`}
                aria-expanded={name === open}
                aria-controls={name === open ? `${id}-panel` : undefined}
                onClick={() => setOpen(name === open ? undefined : name)}
              >
                {title}
              </button>
              <p id={`${id}-${name}`} class="soft small">
                {body}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {shown && (
        <section key={shown.name} id={`${id}-panel`} class="card door-panel" aria-labelledby={`${id}-title`}>
          <Heading level="h3" id={`${id}-title`} focused={shown.name !== 'key'}>
            {shown.title}
          </Heading>
          <Panel name={shown.name} {...props} />
        </section>
      )}
    </>
  );
}
