/** The words of what only one provider lets a person choose, by the name in its catalog row. */

import { i18n } from '#i18n';

export interface VendorText {
  readonly label: string;
  readonly hint?: string;
}

const texts: Readonly<Record<string, () => VendorText>> = {
  trustedWorkers: () => ({ label: i18n.t('vendor.trustedWorkers'), hint: i18n.t('vendor.trustedWorkersHint') }),
  fastWorkersOnly: () => ({ label: i18n.t('vendor.fastWorkersOnly'), hint: i18n.t('vendor.fastWorkersOnlyHint') }),
  workers: () => ({ label: i18n.t('vendor.workers'), hint: i18n.t('vendor.workersHint') }),
  workerBlacklist: () => ({ label: i18n.t('vendor.workerBlacklist') }),
};

/** Undefined for a name that no row has. */
export const vendorText = (name: string): VendorText | undefined => (Object.hasOwn(texts, name) ? texts[name]?.() : undefined);
