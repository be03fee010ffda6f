/** "Pin Oriel", with a picture, for as long as it is not pinned: what waits for the person is counted on its button. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { PinPicture } from './PinPicture';

/** Undefined until the browser has told, and where it does not. */
function usePinned(): boolean | undefined {
  const { toolbar } = useApp().shell;
  const [isPinned, setPinned] = useState<boolean>();
  useEffect(() => {
    const look = () => void toolbar.isPinned().then(setPinned, () => undefined);
    look();
    return toolbar.onChanged(look);
  }, [toolbar]);
  return isPinned;
}

export function PinOriel() {
  const { family } = useApp().shell;
  const isPinned = usePinned();
  const [wasLoose, setWasLoose] = useState(false);
  useEffect(() => {
    if (isPinned === false) setWasLoose(true);
  }, [isPinned]);
  return (
    <>
      {isPinned === false && (
        <section class="card pin">
          <div>
            <h2>{i18n.t('welcome.pinTitle')}</h2>
            <p class="soft">{i18n.t('welcome.pinWhy')}</p>
            <p>{family === 'firefox' ? i18n.t('welcome.pinFirefox') : i18n.t('welcome.pinChromium')}</p>
          </div>
          <PinPicture family={family} />
        </section>
      )}
      <p role="status" class="soft small pin-done">
        {wasLoose && isPinned && i18n.t('welcome.pinned')}
      </p>
    </>
  );
}
