/** What a site may ask for beside text, in words. */

import { i18n } from '#i18n';
import type { Wish } from '../../protocol/scopes';

export const wishText = (wish: Wish): string =>
  ({
    'models.read': i18n.t('wish.modelsRead'),
    'models.choose': i18n.t('wish.modelsChoose'),
    tools: i18n.t('wish.tools'),
    'image.in': i18n.t('wish.imageIn'),
    'audio.in': i18n.t('wish.audioIn'),
    embed: i18n.t('wish.embed'),
  })[wish];
