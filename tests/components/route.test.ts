import { expect, test } from 'vitest';
import { parseRoute } from '../../components/options/route';

test.each([
  ['', { page: 'connections' }],
  ['#connections', { page: 'connections' }],
  ['#connections/', { page: 'connections' }],
  ['#connections/add', { page: 'connections', dialog: { type: 'add' } }],
  ['#connections/c-1', { page: 'connections', dialog: { type: 'edit', id: 'c-1' } }],
  ['#sites', { page: 'sites' }],
  ['#usage', { page: 'usage' }],
  ['#activity', { page: 'activity' }],
  ['#about', { page: 'about' }],
  ['#elsewhere', { page: 'connections' }],
])('%s leads to %j', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});
