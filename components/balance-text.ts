/** Says what an account may still use. */

import { i18n } from '#i18n';
import type { Balance } from '../protocol/generate';

export function balanceText(balance: Balance): string {
  switch (balance.type) {
    case 'kudos':
      return i18n.t('connections.kudos', { count: new Intl.NumberFormat().format(Math.floor(balance.kudos)) });
  }
}
