/** Tells what was typed into the one field of the third door: a key, and whose, or an address. Nothing is asked of anybody. */

import { keyedRows, rowsOfKey } from '../../providers/catalog/key-forms';
import type { CatalogRow } from '../../providers/provider';
import { completeAddress } from '../options/form-values';
import { hostOf } from '../site-name';

export type Typed =
  /** Nothing, or too little to say. */
  | { readonly type: 'nothing' }
  /** `rows`: whose key it may be; one where that is certain, none where no row knows the form. */
  | { readonly type: 'key'; readonly key: string; readonly rows: readonly CatalogRow[] }
  | { readonly type: 'address'; readonly address: string; readonly host: string }
  /** The address of a vendor that is known: what is missing is the key. */
  | { readonly type: 'vendor'; readonly row: CatalogRow };

const scheme = /^https?:\/\//i;
/** Keys have capitals or no dot; a port, or a last label of small letters, makes a name an address. */
const bareAddress =
  /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[\da-f:]+\]|[a-z\d-]+(\.[a-z\d-]+)*\.[a-z]{2,}|[a-z\d-]+(?=:\d))(:\d{1,5})?(\/\S*)?$/;
/** Shorter ones are still being typed. */
const leastKey = 8;

export function recognise(text: string): Typed {
  const typed = text.trim();
  if (scheme.test(typed) || bareAddress.test(typed)) {
    const address = completeAddress(typed);
    const host = hostOf(address);
    if (host === undefined) return { type: 'nothing' };
    const row = keyedRows.find((each) => each.address.type === 'fixed' && hostOf(each.address.baseUrl) === host);
    return row ? { type: 'vendor', row } : { type: 'address', address, host };
  }
  if (typed.length < leastKey) return { type: 'nothing' };
  return { type: 'key', key: typed, rows: rowsOfKey(typed) };
}
