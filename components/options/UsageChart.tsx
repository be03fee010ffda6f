/** Use over time as bars, and the same as a table: nobody needs to see the bars to know what they say. */

import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Sums } from '../../protocol/activity';
import { amountText } from '../budget-text';
import { usd } from '../format';
import { formats } from '../language';
import { Disclosure } from '../ui/Disclosure';
import { Choice } from './Choice';
import { UsageTable } from './UsageTable';
import type { Bar } from './usage-groups';

type Measure = 'cost' | 'tokens';

const measured = (measure: Measure, sums: Sums): number =>
  measure === 'cost' ? sums.microUsd : sums.inputTokens + sums.outputTokens;
const valueText = (measure: Measure, value: number): string => (measure === 'cost' ? usd(value) : amountText('tokens', value));

/** At noon UTC: the day is the same wherever the text is made for. */
const dateText = (key: string): string =>
  key.length > 7
    ? new Intl.DateTimeFormat(formats, { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(Date.parse(key))
    : new Intl.DateTimeFormat(formats, { timeZone: 'UTC', month: 'short', year: 'numeric' }).format(Date.parse(key));

/** Units of the drawing, which is stretched to the room that there is. */
const height = 100;
const step = 10;
const gap = 2;
/** What is not nothing is seen. */
const least = 1;

interface BarsProps {
  readonly bars: readonly Bar[];
  readonly measure: Measure;
  readonly title: string;
}

function Bars({ bars, measure, title }: BarsProps) {
  const values = bars.map(({ sums }) => measured(measure, sums));
  const most = Math.max(...values);
  const top = bars[values.indexOf(most)]?.key ?? '';
  const amount = valueText(measure, most);
  return (
    <>
      <p class="soft small" aria-hidden="true">
        {amount}
      </p>
      <svg
        class="chart"
        role="img"
        aria-label={i18n.t('usage.chartLabel', { title, day: dateText(top), amount })}
        viewBox={`0 0 ${bars.length * step} ${height}`}
        preserveAspectRatio="none"
      >
        {values.map((value, index) => {
          const size = value === 0 ? 0 : Math.max(least, (value / most) * height);
          const key = bars[index]?.key ?? '';
          return (
            <rect key={key} x={index * step + gap / 2} y={height - size} width={step - gap} height={size}>
              <title>{`${dateText(key)}: ${valueText(measure, value)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div class="chart-ends soft small" aria-hidden="true">
        <span>{dateText(bars[0]?.key ?? '')}</span>
        {bars.length > 1 && <span>{dateText(bars.at(-1)?.key ?? '')}</span>}
      </div>
    </>
  );
}

interface UsageChartProps {
  readonly bars: readonly Bar[];
  readonly by: 'day' | 'month';
}

export function UsageChart({ bars, by }: UsageChartProps) {
  const hasCost = bars.some(({ sums }) => sums.microUsd > 0);
  const [chosen, setChosen] = useState<Measure>();
  const measure = chosen ?? (hasCost ? 'cost' : 'tokens');
  const titles = {
    day: { cost: i18n.t('usage.chartCost'), tokens: i18n.t('usage.chartTokens') },
    month: { cost: i18n.t('usage.chartCostMonths'), tokens: i18n.t('usage.chartTokensMonths') },
  };
  const title = titles[by][measure];
  return (
    <figure class="card stack">
      <figcaption class="chart-head">
        <h2>{title}</h2>
        <Choice<Measure>
          label={i18n.t('usage.show')}
          value={measure}
          options={[
            { value: 'cost', text: i18n.t('usage.cost') },
            { value: 'tokens', text: i18n.t('usage.tokens') },
          ]}
          onValue={setChosen}
        />
      </figcaption>
      <Bars bars={bars} measure={measure} title={title} />
      <Disclosure label={i18n.t('usage.table')}>
        <UsageTable
          caption={by === 'day' ? i18n.t('usage.byDay') : i18n.t('usage.byMonth')}
          head={by === 'day' ? i18n.t('usage.date') : i18n.t('usage.monthHead')}
          rows={bars
            .filter(({ sums }) => sums.calls > 0)
            .map(({ key, sums }) => ({ key, name: dateText(key), sums }))
            .reverse()}
        />
      </Disclosure>
    </figure>
  );
}
