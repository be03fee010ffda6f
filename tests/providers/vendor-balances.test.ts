import { describe, expect, test } from 'vitest';
import { catalog } from '../../providers/catalog';
import { answering, json, knownRow, providerOf } from './replay';

const { signal } = new AbortController();
const ask = (rowId: string, body: unknown) => {
  const fetch = answering(() => json(body));
  const balance = providerOf(knownRow(rowId), { fetch }).status?.(signal);
  return { balance, asked: () => fetch.calls[0]?.url };
};

describe('DeepSeek', () => {
  const infos = (...balances: readonly (readonly [currency: string, total: string])[]) => ({
    is_available: true,
    balance_infos: balances.map(([currency, total_balance]) => ({
      currency,
      total_balance,
      granted_balance: '0.00',
      topped_up_balance: total_balance,
    })),
  });

  test('what is left in dollars is told', async () => {
    const { balance, asked } = ask('deepseek', infos(['CNY', '110.00'], ['USD', '4.25']));
    expect(await balance).toEqual({ type: 'money', credit: 4_250_000 });
    expect(asked()).toBe('https://api.deepseek.com/user/balance');
  });

  test('an account in yuan tells nothing in dollars, a debt is no credit', async () => {
    expect(await ask('deepseek', infos(['CNY', '110.00'])).balance).toBeUndefined();
    expect(await ask('deepseek', infos(['USD', '-0.10'])).balance).toEqual({ type: 'money', credit: 0 });
  });

  test.each([{}, { balance_infos: [{ currency: 'USD', total_balance: '' }] }, []])('%j is no balance', async (body) => {
    await expect(ask('deepseek', body).balance).rejects.toMatchObject({ fault: 'malformed' });
  });
});

describe('Vercel AI Gateway', () => {
  test('its credit is told', async () => {
    const { balance, asked } = ask('vercel', { balance: '95.50', total_used: '4.50' });
    expect(await balance).toEqual({ type: 'money', credit: 95_500_000 });
    expect(asked()).toBe('https://ai-gateway.vercel.sh/v1/credits');
  });

  test('nonsense is none', async () => {
    await expect(ask('vercel', { balance: 'much' }).balance).rejects.toMatchObject({ fault: 'malformed' });
  });
});

describe('LiteLLM', () => {
  test('a key tells what is left of its budget, beside the API', async () => {
    const info = { spend: 2.5, max_budget: 10, budget_duration: '30d', expires: '2027-01-01T00:00:00Z', models: [] };
    const { balance, asked } = ask('litellm', { key: 'hash', info });
    expect(await balance).toEqual({
      type: 'money',
      limit: 10_000_000,
      left: 7_500_000,
      period: 'month',
      expiresAt: Date.UTC(2027, 0, 1),
    });
    expect(asked()).toBe('http://127.0.0.1:4000/key/info');
  });

  test('what is used up is nothing left; without a budget nothing is told', async () => {
    expect(await ask('litellm', { info: { spend: 11, max_budget: 10 } }).balance).toMatchObject({ left: 0 });
    expect(await ask('litellm', { info: { spend: 11, max_budget: null, budget_duration: '1d', expires: null } }).balance).toEqual(
      {
        type: 'money',
      },
    );
  });

  test('nonsense is none', async () => {
    await expect(ask('litellm', { info: 'none' }).balance).rejects.toMatchObject({ fault: 'malformed' });
  });
});

test('of all other rows of Chat Completions only OpenRouter tells a balance', () => {
  const told = catalog
    .filter(({ dialect }) => dialect === 'openai-chat')
    .filter((row) => providerOf(row, {}).status !== undefined);
  expect(told.map(({ id }) => id).sort()).toEqual(['deepseek', 'litellm', 'openrouter', 'vercel']);
});
