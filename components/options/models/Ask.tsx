/** Asks before much is downloaded, and before a download is deleted. */

import { i18n } from '#i18n';
import { bytes } from '../../format';
import { plainLine } from '../../plain-text';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Notice } from '../../ui/Notice';
import type { Offer } from './offer';

interface AskDownloadProps {
  readonly offer: Offer;
  readonly free: number | undefined;
  readonly onClose: () => void;
}

export function AskDownload({ offer, free, onClose }: AskDownloadProps) {
  const { bytes: size, licence, isChecked } = offer;
  const name = plainLine(offer.name);
  const { host } = new URL(offer.url);
  const fits = free === undefined || size === undefined || size <= free;
  const from = size === undefined ? i18n.t('models.askNoSize', { host }) : i18n.t('models.askSize', { size: bytes(size), host });
  return (
    <Dialog title={i18n.t('models.askTitle', { name })} onClose={onClose}>
      <p>{from}</p>
      {licence !== undefined && <p>{i18n.t('device.licence', { licence: plainLine(licence) })}</p>}
      {fits && free !== undefined && <p class="soft">{i18n.t('models.free', { size: bytes(free) })}</p>}
      {!fits && (
        <Notice kind="problem">
          <p>{i18n.t('models.tooLarge', { size: bytes(free ?? 0) })}</p>
        </Notice>
      )}
      {!isChecked && (
        <Notice kind="caution">
          <p>{i18n.t('models.unchecked')}</p>
        </Notice>
      )}
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button
          kind="primary"
          dead={!fits}
          onClick={() => {
            offer.accept();
            onClose();
          }}
        >
          {i18n.t('models.download')}
        </Button>
      </div>
    </Dialog>
  );
}

interface AskRemovalProps {
  readonly name: string;
  readonly size: number | undefined;
  readonly isConnected: boolean;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

export function AskRemoval({ name, size, isConnected, onRemove, onClose }: AskRemovalProps) {
  return (
    <Dialog title={i18n.t('models.removeTitle', { name })} onClose={onClose}>
      {size !== undefined && <p>{i18n.t('models.removeBody', { size: bytes(size) })}</p>}
      {isConnected && <p>{i18n.t('models.removeConnected')}</p>}
      <div class="dialog-actions">
        <Button onClick={onClose}>{i18n.t('common.cancel')}</Button>
        <Button
          kind="danger"
          onClick={() => {
            onRemove();
            onClose();
          }}
        >
          {i18n.t('device.delete')}
        </Button>
      </div>
    </Dialog>
  );
}
