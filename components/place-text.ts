/** Says where a connection answers from, and by whose computer. */

import { i18n } from '#i18n';
import type { ConnectionView } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import { plainLine } from './plain-text';
import { hostOf } from './site-name';

/** The host that requests go to; absent where nothing leaves this computer. */
export function addressHost(connection: Pick<ConnectionView, 'providerId' | 'baseUrl'>): string | undefined {
  const row = rowOf(connection.providerId);
  return hostOf(row?.address.type === 'fixed' ? row.address.baseUrl : connection.baseUrl);
}

/** Who answers: the provider, or the server itself where the provider is no company. */
function operator(connection: ConnectionView): string {
  const isNamed = rowOf(connection.providerId)?.address.type === 'fixed';
  return isNamed ? plainLine(connection.providerName) : (addressHost(connection) ?? plainLine(connection.providerName));
}

export function placeText(connection: ConnectionView): string {
  switch (connection.place) {
    case 'this-computer':
      return i18n.t('place.thisComputer');
    case 'network':
      return i18n.t('place.network');
    case 'cloud':
      return i18n.t('place.cloud', { name: operator(connection) });
    case 'volunteers':
      return i18n.t('place.volunteers');
  }
}
