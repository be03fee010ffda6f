import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));

import { vendorText } from '../../components/vendor-text';
import { catalog } from '../../providers/catalog';

test('every choice that only one provider has is named', () => {
  const names = catalog.flatMap(({ options = [] }) => options.map(({ name }) => name));
  expect(names).toContain('trustedWorkers');
  for (const name of names) expect(vendorText(name)?.label, name).toMatch(/^[A-Z]/);
  expect(vendorText('toString')).toBeUndefined();
});
