/** Draws what grows with use as small plots side by side, one for each thing that grows; a curve for each figure and browser, both axes logarithmic. */

import type { GrowthPoint } from './growth';

const width = 880;
const height = 300;
const margin = { left: 60, top: 30, right: 12, bottom: 62 };
const names: Readonly<Record<GrowthPoint['what'], string>> = {
  connections: 'connections',
  grants: 'allowed sites',
  calls: 'calls in the log',
  tabs: 'open tabs',
};
const curves = [
  { key: 'firstChunk', name: 'first chunk, awake', colour: '#2b6cb0' },
  { key: 'firstChunkAsleep', name: 'first chunk, asleep', colour: '#b7791f' },
  { key: 'popup', name: 'popup ready', colour: '#2f855a' },
] as const;
const dashes = { chromium: '', firefox: ' stroke-dasharray="5 3"' };
const ticks = [1, 10, 100, 1000];

/** An SVG document without scripts. */
export function growthPlot(points: readonly GrowthPoint[]): string {
  const things = [...new Set(points.map(({ what }) => what))];
  const panel = (width - margin.left - margin.right) / Math.max(1, things.length);
  const bottom = height - margin.bottom;
  const most = Math.log10(ticks.at(-1) ?? 1);
  const y = (value: number) => bottom - (Math.log10(Math.max(1, value)) / most) * (bottom - margin.top);

  const grid = ticks.map(
    (tick) =>
      `<path d="M${margin.left} ${y(tick)}H${width - margin.right}" stroke="#8886"/><text x="${margin.left - 6}" y="${y(tick) + 4}" text-anchor="end">${tick} ms</text>`,
  );
  const panels = things.flatMap((what, index) => {
    const counts = [...new Set(points.filter((point) => point.what === what).map(({ count }) => count))].sort((a, b) => a - b);
    const x = (count: number) => margin.left + index * panel + (panel * (counts.indexOf(count) + 0.6)) / (counts.length + 0.2);
    const lines = (['chromium', 'firefox'] as const).flatMap((browser) =>
      curves.map(({ key, colour }) => {
        const own = points.filter((point) => point.what === what && point.browser === browser);
        const path = own.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.count).toFixed(1)} ${y(point[key]).toFixed(1)}`);
        return path.length === 0
          ? ''
          : `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"${dashes[browser]}/>`;
      }),
    );
    const labels = counts.map(
      (count) => `<text x="${x(count).toFixed(1)}" y="${bottom + 16}" text-anchor="middle">${count.toLocaleString('en')}</text>`,
    );
    const title = `<text x="${margin.left + (index + 0.5) * panel}" y="${margin.top - 12}" text-anchor="middle" font-weight="600">${names[what]}</text>`;
    return [title, ...labels, ...lines];
  });
  const legend = [
    ...curves.map(({ name, colour }) => ({ name, colour, dash: '' })),
    { name: 'Chromium', colour: 'currentColor', dash: '' },
    { name: 'Firefox', colour: 'currentColor', dash: dashes.firefox },
  ].map(
    ({ name, colour, dash }, index) =>
      `<path d="M${margin.left + index * 162} ${height - 18}h22" stroke="${colour}" stroke-width="2"${dash}/><text x="${margin.left + index * 162 + 28}" y="${height - 14}">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Times at one, ten and a hundred times the work">`,
    '<style>svg{color:#222}text{fill:currentColor}@media (prefers-color-scheme: dark){svg{color:#ddd}}</style>',
    ...grid,
    ...panels,
    ...legend,
    '</svg>\n',
  ].join('\n');
}
