/** Owns the step from a person's wishes for OpenRouter's providers to its `provider` field. */

import type { VendorOption } from '../../protocol/model-settings';

type Vendor = Readonly<Record<string, VendorOption>>;

/** The `provider` of a request (OpenRouter API reference, Provider routing); nothing where nothing was chosen, or what is stored is none of it. */
export function routingFields(vendor: Vendor = {}): { readonly provider?: object } {
  const { denyDataCollection, zeroDataRetention, sort, onlyProviders, ignoredProviders } = vendor;
  const provider = {
    ...(denyDataCollection === true && { data_collection: 'deny' }),
    ...(zeroDataRetention === true && { zdr: true }),
    ...(typeof sort === 'string' && sort !== '' && { sort }),
    ...(Array.isArray(onlyProviders) && onlyProviders.length > 0 && { only: onlyProviders }),
    ...(Array.isArray(ignoredProviders) && ignoredProviders.length > 0 && { ignore: ignoredProviders }),
  };
  return Object.keys(provider).length > 0 ? { provider } : {};
}
