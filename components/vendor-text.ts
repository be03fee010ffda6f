/** The words of what only one provider lets a person choose, by the name in its catalog row. */

import { i18n } from '#i18n';

export interface VendorText {
  readonly label: string;
  readonly hint?: string;
  /** The words of what can be chosen. */
  readonly values?: Readonly<Record<string, string>>;
}

const texts: Readonly<Record<string, () => VendorText>> = {
  trustedWorkers: () => ({ label: i18n.t('vendor.trustedWorkers'), hint: i18n.t('vendor.trustedWorkersHint') }),
  fastWorkersOnly: () => ({ label: i18n.t('vendor.fastWorkersOnly'), hint: i18n.t('vendor.fastWorkersOnlyHint') }),
  workers: () => ({ label: i18n.t('vendor.workers'), hint: i18n.t('vendor.workersHint') }),
  workerBlacklist: () => ({ label: i18n.t('vendor.workerBlacklist') }),
  denyDataCollection: () => ({ label: i18n.t('vendor.denyDataCollection'), hint: i18n.t('vendor.denyDataCollectionHint') }),
  zeroDataRetention: () => ({ label: i18n.t('vendor.zeroDataRetention'), hint: i18n.t('vendor.zeroDataRetentionHint') }),
  sort: () => ({
    label: i18n.t('vendor.sort'),
    values: {
      price: i18n.t('vendor.sortPrice'),
      throughput: i18n.t('vendor.sortThroughput'),
      latency: i18n.t('vendor.sortLatency'),
    },
  }),
  onlyProviders: () => ({ label: i18n.t('vendor.onlyProviders'), hint: i18n.t('vendor.onlyProvidersHint') }),
  ignoredProviders: () => ({ label: i18n.t('vendor.ignoredProviders') }),
  allowLogging: () => ({ label: i18n.t('vendor.allowLogging'), hint: i18n.t('vendor.allowLoggingHint') }),
};

/** Undefined for a name that no row has. */
export const vendorText = (name: string): VendorText | undefined => (Object.hasOwn(texts, name) ? texts[name]?.() : undefined);
