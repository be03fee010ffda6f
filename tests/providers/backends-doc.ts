/** Writes the table of docs/backends.md out of the catalog and its fixtures: what a row can do is what its recorded answers show. */

import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { catalog } from '../../providers/catalog';
import type { CatalogRow } from '../../providers/provider';
import { casesOf, readFixtureJson } from './replay';

interface Case {
  readonly request: GenerateRequest;
  readonly outcome: { readonly parts?: readonly StreamPart[]; readonly error?: { readonly fault?: string } };
  /** The server said no for the model that it had, which says nothing of another one. */
  readonly isServers: boolean;
}

const isIn: Readonly<Record<string, (request: GenerateRequest) => boolean>> = {
  tools: ({ tools = [] }) => tools.length > 0,
  images: ({ messages }) => messages.some(({ content }) => content.some(({ type }) => type === 'image')),
  schemas: ({ responseFormat }) => responseFormat?.type === 'json-schema',
};

const casesOfRow = ({ id }: CatalogRow): Case[] =>
  casesOf(id, 'request.json').map((name) => ({
    request: readFixtureJson(id, `${name}.request.json`),
    outcome: readFixtureJson(id, `${name}.expected.json`),
    isServers: casesOf(id, 'response.json').includes(name),
  }));

const isTaken = ({ outcome }: Case) => outcome.error === undefined;
const isRefused = ({ outcome }: Case) => outcome.error?.fault === 'not-supported';
const casesOfDialect = (row: CatalogRow, rows: readonly CatalogRow[]) =>
  rows.filter(({ dialect }) => dialect === row.dialect).flatMap(casesOfRow);

/**
 * What the row's own fixtures show; else what its dialect can do for somebody, which is no promise for this one.
 * @throws where no fixture decides
 */
function canDo(ability: string, row: CatalogRow, rows: readonly CatalogRow[]): string {
  if (row.quirks.refuses?.some((refused) => refused === ability)) return 'no';
  const asks = ({ request }: Case) => isIn[ability]?.(request) ?? false;
  const own = casesOfRow(row).filter(asks);
  if (own.some(isTaken)) return own.some(isRefused) ? 'if the model can' : 'yes';
  if (own.some(isRefused)) return own.some(({ isServers }) => isServers) ? 'if the model can' : 'no';
  const others = casesOfDialect(row, rows).filter(asks);
  if (others.some(isTaken)) return 'if the model can';
  if (others.some(isRefused)) return 'no';
  throw new Error(`No fixture of ${row.id} or its dialect shows whether it takes ${ability}.`);
}

/** Several pieces of one text, or a socket of its own for them. */
function streams(row: CatalogRow, rows: readonly CatalogRow[]): string {
  const hasSocket = row.address.type === 'asked' && row.companions?.(row.address.example).some((url) => url.startsWith('ws'));
  const isStream = ({ outcome: { parts = [] } }: Case) =>
    parts.filter((part) => part.type === 'text-delta' && part.output === undefined).length > 1;
  return hasSocket || casesOfDialect(row, rows).some(isStream) ? 'yes' : 'no';
}

const places = {
  'this-computer': 'this computer',
  network: 'your network',
  cloud: 'cloud',
  volunteers: 'volunteers',
} as const;

function addressOf({ address }: CatalogRow): string {
  switch (address.type) {
    case 'fixed':
      return `\`${new URL(address.baseUrl).host}\``;
    case 'asked':
      return `yours, such as \`${address.example}\``;
    case 'none':
      return '–';
  }
}

const keyOf = ({ auth }: CatalogRow): string =>
  auth.type === 'none' ? '–' : auth.required ? 'needed' : auth.publicKey === undefined ? 'if it asks for one' : 'not needed';

/** The rows as a Markdown table, in the catalog's order. */
export function writeTable(rows: readonly CatalogRow[] = catalog): string {
  const head = [
    'Provider',
    'Place',
    'Address',
    'Key',
    'Dialect',
    'Streams',
    'Tools',
    'Images',
    'JSON schemas',
    'Verified against',
  ];
  const lines = rows.map((row) => [
    row.name,
    row.place === undefined ? 'where its address is' : places[row.place],
    addressOf(row),
    keyOf(row),
    `\`${row.dialect}\``,
    streams(row, rows),
    ...Object.keys(isIn).map((ability) => canDo(ability, row, rows)),
    `${row.verified.against}, ${row.verified.on}`,
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
