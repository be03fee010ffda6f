/** Says that the browser keeps Oriel off web pages, where it does, and how that is given. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { useApp } from '../context';
import { Button } from '../ui/Button';
import { Notice } from '../ui/Notice';

export function SiteAccess() {
  const { siteAccess, family } = useApp().shell;
  const [isGiven, setGiven] = useState<boolean>();
  const [wasWithheld, setWithheld] = useState(false);
  const [isByHand, setByHand] = useState(false);
  useEffect(() => {
    const look = () => void siteAccess.isGiven().then(setGiven, () => undefined);
    look();
    return siteAccess.onChanged(look);
  }, [siteAccess]);
  useEffect(() => {
    if (isGiven === false) setWithheld(true);
  }, [isGiven]);
  const ask = () => void siteAccess.ask().then((given) => setByHand(!given));

  return (
    <>
      {isGiven === false && (
        <Notice kind="caution">
          <p class="notice-title">{i18n.t('access.withheld')}</p>
          <p>{i18n.t('access.withheldBody')}</p>
          {isByHand && <p role="status">{family === 'firefox' ? i18n.t('access.firefox') : i18n.t('access.chromium')}</p>}
          <Button onClick={ask}>{i18n.t('access.give')}</Button>
        </Notice>
      )}
      <p role="status" class="soft small access-done">
        {wasWithheld && isGiven && i18n.t('access.given')}
      </p>
    </>
  );
}
