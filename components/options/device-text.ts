/** What is known of a model for this device, in one line. */

import { i18n } from '#i18n';
import type { DeviceModel } from '../../protocol/engine';
import { bytes, modelFacts } from '../format';
import { formats, list } from '../language';
import { plainLine } from '../plain-text';

/** More are counted: a line is a line. */
const mostLanguages = 3;

function languagesText(languages: readonly string[]): string {
  const names = new Intl.DisplayNames(formats, { type: 'language', fallback: 'code' });
  if (languages.includes('mul')) return i18n.t('models.manyLanguages');
  if (languages.length > mostLanguages) return i18n.t('models.languages', { count: languages.length });
  return list(languages.filter((tag) => /^[a-z]{2,3}(-\w+)*$/i.test(tag)).map((tag) => names.of(tag) ?? tag));
}

/** What was measured on this device, and nothing before. */
export function speedText({ speed: { reads, writes } = {} }: DeviceModel): string | undefined {
  const number = new Intl.NumberFormat(formats, { maximumSignificantDigits: 2 });
  if (writes === undefined) return undefined;
  if (reads === undefined) return i18n.t('models.speed', { writes: number.format(writes) });
  return i18n.t('models.speedBoth', { reads: number.format(reads), writes: number.format(writes) });
}

/** Size, context, licence and languages, as far as they are known. */
export function deviceFacts(model: DeviceModel): string {
  const { bytes: size, licence, languages } = model;
  return [
    size === undefined ? '' : i18n.t('device.size', { size: bytes(size) }),
    modelFacts(model),
    licence === undefined ? '' : i18n.t('device.licence', { licence: plainLine(licence) }),
    languages === undefined ? '' : languagesText(languages),
  ]
    .filter((fact) => fact !== '')
    .join(' · ');
}
