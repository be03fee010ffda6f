/** Rows of Anthropic's Messages API: Claude, and servers that speak as it does. */

import type { CatalogRow } from '../provider';

const version = { 'anthropic-version': '2023-06-01' };

export const anthropic: CatalogRow = {
  id: 'anthropic',
  name: 'Anthropic Claude',
  dialect: 'anthropic-messages',
  place: 'cloud',
  address: { type: 'fixed', baseUrl: 'https://api.anthropic.com/v1' },
  auth: { type: 'header', header: 'x-api-key', prefix: '', required: true },
  // Every request of an extension has an Origin, and without this header such a request is a 401 that looks like a bad key.
  headers: { ...version, 'anthropic-dangerous-direct-browser-access': 'true' },
  keyPage: 'https://platform.claude.com/settings/keys',
  cap: { type: 'limit', page: 'https://platform.claude.com/settings/limits' },
  keyForm: /^sk-ant-/,
  docs: 'https://platform.claude.com/docs/en/api/messages',
  suggestedModels: ['claude-sonnet-4-6', 'claude-haiku-4-5'],
  quirks: {},
  verified: { against: 'stand-in', on: '2026-11' },
};

export const anthropicCompatible: CatalogRow = {
  id: 'anthropic-compatible',
  name: 'Anthropic-compatible server',
  dialect: 'anthropic-messages',
  address: { type: 'asked', example: 'http://127.0.0.1:8080/v1', path: '/v1' },
  auth: { type: 'header', header: 'x-api-key', prefix: '', required: false },
  headers: { ...version, 'anthropic-dangerous-direct-browser-access': 'true' },
  quirks: {},
  verified: { against: 'real server', on: '2026-11' },
};
