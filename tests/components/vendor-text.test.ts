import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));

import { vendorText } from '../../components/vendor-text';
import { rowOf } from '../../providers/catalog';

test('every choice that only AI Horde has is named', () => {
  const names = (rowOf('ai-horde')?.options ?? []).map(({ name }) => name);
  expect(names).toContain('trustedWorkers');
  for (const name of names) expect(vendorText(name)?.label, name).toMatch(/^[A-Z]/);
  expect(vendorText('toString')).toBeUndefined();
});
