/** The dialog that adds a connection or edits one: which provider, and what that provider asks for. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView, Overview } from '../../protocol/ui-messages';
import { catalog, rowOf } from '../../providers/catalog';
import type { CatalogRow, Dialect } from '../../providers/provider';
import { isFormat, providerName } from '../provider-name';
import { Dialog } from '../ui/Dialog';
import { Notice } from '../ui/Notice';
import { Select, type SelectOption } from '../ui/Select';
import { ConnectionForm } from './ConnectionForm';
import { DeviceModels } from './DeviceModels';
import type { DeviceConnect } from './use-device-connect';

type Group = 'own' | 'accounts' | 'other' | 'volunteers';

/** Where somebody looks for it: a vendor's account is known by its address, or by a key that it always wants. */
function groupOf({ id, place, address, auth }: CatalogRow): Group {
  if (place === 'volunteers') return 'volunteers';
  if (address.type === 'fixed' || (auth.type === 'header' && auth.required)) return 'accounts';
  return isFormat(id) ? 'other' : 'own';
}

function optionsOf(rows: readonly CatalogRow[]): SelectOption[] {
  const names: readonly (readonly [Group, string])[] = [
    ['own', i18n.t('form.groupOwn')],
    ['accounts', i18n.t('form.groupAccounts')],
    ['other', i18n.t('form.groupOther')],
    ['volunteers', i18n.t('form.groupVolunteers')],
  ];
  return names.flatMap(([group, name]) =>
    rows.filter((row) => groupOf(row) === group).map((row) => ({ value: row.id, text: providerName(row), group: name })),
  );
}

interface ConnectionDialogProps {
  /** Absent: a new one. */
  readonly connection: ConnectionView | undefined;
  readonly overview: Overview;
  readonly deviceConnect: DeviceConnect;
  readonly onClose: () => void;
}

export function ConnectionDialog({ connection, overview, deviceConnect, onClose }: ConnectionDialogProps) {
  const { device = [], hasBrowserModel = false, connections } = overview;
  const isHere: Partial<Record<Dialect, boolean>> = { 'on-device': device.length > 0, 'browser-model': hasBrowserModel };
  const offered = catalog.filter(({ dialect }) => isHere[dialect] ?? true);
  const [providerId, setProviderId] = useState(connection?.providerId ?? offered[0]?.id ?? '');
  /** Once the first attempt is saved, another provider would be another connection. */
  const [isSaved, setIsSaved] = useState(connection !== undefined);
  const row = rowOf(providerId);
  const isDevice = row?.dialect === 'on-device';
  return (
    <Dialog title={connection ? i18n.t('form.editTitle') : i18n.t('form.addTitle')} onClose={onClose}>
      {isSaved ? (
        <p class="form-provider">
          <span class="soft">{i18n.t('form.provider')}</span> {row ? providerName(row) : providerId}
        </p>
      ) : (
        <Select label={i18n.t('form.provider')} value={providerId} options={optionsOf(offered)} onValue={setProviderId} />
      )}
      {row?.place === 'volunteers' && (
        <Notice kind="caution">
          <p>{i18n.t('form.volunteers', { provider: row.name })}</p>
        </Notice>
      )}
      {isDevice && connection === undefined && (
        <>
          <p class="soft">{i18n.t('device.intro')}</p>
          <DeviceModels models={device} connections={connections} connect={deviceConnect} onConnected={onClose} />
        </>
      )}
      {row && (!isDevice || connection) && (
        <ConnectionForm key={providerId} row={row} connection={connection} onSaved={() => setIsSaved(true)} onClose={onClose} />
      )}
    </Dialog>
  );
}
