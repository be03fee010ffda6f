/** The person's leave that data go to a backend off this computer: asked in the click that connects one, and not before. */

import { backendError } from '../protocol/errors';
import { isLoopback } from '../protocol/ids';
import type { ConnectionView } from '../protocol/ui-messages';
import { rowOf } from '../providers/catalog';
import type { Shell } from './client';

/** Whether what is asked of it leaves this computer. An address that cannot be read is taken as far away. */
function leaves({ providerId, baseUrl }: Pick<ConnectionView, 'providerId' | 'baseUrl'>): boolean {
  const row = rowOf(providerId);
  if (row?.place !== undefined) return row.place !== 'this-computer';
  const address = row?.address.type === 'fixed' ? row.address.baseUrl : (baseUrl ?? '');
  return !URL.canParse(address) || !isLoopback(new URL(address).hostname);
}

/** To be called in the click itself. @throws AiError `data-consent` where the person says no */
export async function askDataConsent(
  shell: Pick<Shell, 'askToTransmit'>,
  connection: Pick<ConnectionView, 'providerId' | 'baseUrl'>,
): Promise<void> {
  if (!leaves(connection) || (await shell.askToTransmit())) return;
  throw backendError('data-consent', 'The person has not agreed that data leave this computer.');
}
