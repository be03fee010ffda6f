/** Tells by the look of a key whose it may be. Only the rows know the forms. */

import { catalog } from '../catalog';
import type { CatalogRow } from '../provider';

/** The accounts that a key alone connects: the address is known, and a key is asked for. In the catalog's order, volunteers apart. */
export const keyedRows: readonly CatalogRow[] = catalog.filter(
  ({ address, auth, place }) => address.type === 'fixed' && auth.type === 'header' && place !== 'volunteers',
);

/** The rows whose keys look so: one where it is certain, several where the person has to say, none where no row knows the form. */
export const rowsOfKey = (key: string): readonly CatalogRow[] => keyedRows.filter(({ keyForm }) => keyForm?.test(key.trim()));
