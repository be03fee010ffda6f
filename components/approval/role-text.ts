/** Who speaks in a message, in words. */

import { i18n } from '#i18n';
import type { Role } from '../../protocol/generate';

export const roleText = (role: Role): string =>
  ({
    system: i18n.t('request.system'),
    user: i18n.t('request.user'),
    assistant: i18n.t('request.assistant'),
    tool: i18n.t('request.tool'),
  })[role];
