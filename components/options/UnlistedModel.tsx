/** The chosen model is not in the list that the backend tells. Some lists are not whole, so it is a word and no failure. */

import { i18n } from '#i18n';
import { plainLine } from '../plain-text';

export const UnlistedModel = ({ model }: { readonly model: string }) => (
  <p>{i18n.t('connections.unlistedModel', { model: plainLine(model) })}</p>
);
