/** Reads the preset files of front ends and writes one. What a file holds comes from anywhere: numbers of known names are taken, nothing else. */

import { limits } from '../../../protocol/limits';
import { isNeutral } from '../../../protocol/model-settings';
import { namesOfSamplers, settingOf, temperatureBounds } from './preset-names';
import { isInRange, type PresetSetting, type PresetSettings, type Sampler, samplerRanges } from './samplers';

export interface ReadPreset {
  readonly settings: PresetSettings;
  /** What is set now, in the file's order. */
  readonly taken: readonly PresetSetting[];
  /** Names in the file that mean nothing here, or whose value no backend could take. */
  readonly left: readonly string[];
}

type File = Readonly<Record<string, unknown>>;
type Found = [PresetSetting, number];

const isRecord = (value: unknown): value is File => typeof value === 'object' && value !== null && !Array.isArray(value);

/** NovelAI puts its samplers under `parameters`, KoboldAI Lite's saves under `savedsettings`, SillyTavern's joint export under `preset`. */
function contents(text: string): File | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON: said by the one who asked.
    return undefined;
  }
  if (!isRecord(parsed)) return undefined;
  const { parameters, savedsettings, preset } = parsed;
  return [parameters, savedsettings, preset, parsed].find(isRecord);
}

const ranges = {
  ...samplerRanges,
  contextTokens: { least: 1, most: limits.contextTokens, whole: true },
  maxOutputTokens: { least: 1, most: limits.maxOutputTokens, whole: true },
};
const hasDefault: readonly PresetSetting[] = ['seed', 'contextTokens', 'maxOutputTokens'];
const rounded = (value: number): number => Number(value.toFixed(6));

/** A temperature that moves between two bounds is its middle and half the distance. */
function movingTemperature(file: File): { readonly found: readonly Found[]; readonly names: readonly string[] } {
  const names = temperatureBounds.flat().filter((name) => Object.hasOwn(file, name));
  for (const [on, low, high] of temperatureBounds) {
    const [least, most] = [file[low], file[high]];
    if (file[on] !== true || typeof least !== 'number' || typeof most !== 'number') continue;
    return {
      names,
      found: [
        ['temperature', rounded((least + most) / 2)],
        ['dynatempRange', rounded((most - least) / 2)],
      ],
    };
  }
  return { found: [], names };
}

/** The file says of a sampler that it is off: nobody misses it. */
function isAtRest(setting: PresetSetting, file: File): boolean {
  if (setting === 'contextTokens' || setting === 'maxOutputTokens') return false;
  const samplers = Object.entries(file).flatMap(([name, value]) => {
    const sampler = settingOf(name, file);
    return sampler !== undefined && typeof value === 'number' ? [[sampler, value] as const] : [];
  });
  return isNeutral(setting, Object.fromEntries(samplers));
}

/** What NovelAI's `order` turns off; its value stands in the file all the same. */
function turnedOff({ order }: File): ReadonlySet<PresetSetting | undefined> {
  const off = (Array.isArray(order) ? order : []).filter(isRecord).filter(({ enabled }) => enabled === false);
  return new Set(
    off.flatMap(({ id }) =>
      id === 'mirostat' ? (['mirostatMode', 'mirostatTau', 'mirostatEta'] as const) : [settingOf(String(id), {})],
    ),
  );
}

/**
 * @param takes which settings there is a field for
 * @returns undefined where it is no JSON object
 */
export function readPreset(text: string, takes: (setting: PresetSetting) => boolean): ReadPreset | undefined {
  const file = contents(text);
  if (!file) return undefined;
  const moving = movingTemperature(file);
  const off = turnedOff(file);
  const found = new Map<PresetSetting, number>();
  const left: string[] = [];
  for (const [setting, value] of moving.found) if (isInRange(value, ranges[setting])) found.set(setting, value);
  for (const [name, value] of Object.entries(file)) {
    const setting = settingOf(name, file);
    if (moving.names.includes(name) || (setting === undefined && name === 'order')) continue;
    // A number below zero is how files say "as the backend does it".
    if (setting && hasDefault.includes(setting) && typeof value === 'number' && value < 0) continue;
    if (setting && found.has(setting)) continue;
    if (setting && typeof value === 'number' && isInRange(value, ranges[setting]) && takes(setting) && !off.has(setting)) {
      found.set(setting, value);
    } else if (!setting || !isAtRest(setting, file)) left.push(name);
  }
  const { contextTokens, maxOutputTokens, ...samplers } = Object.fromEntries(found);
  return {
    settings: {
      samplers,
      ...(contextTokens !== undefined && { contextTokens }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    },
    taken: [...found.keys()],
    left,
  };
}

/** The text of a preset file that other front ends read as well. */
export function writePreset({ samplers = {}, contextTokens, maxOutputTokens }: PresetSettings): string {
  const { temperature, dynatempRange = 0 } = samplers;
  const plain = Object.entries(samplers).map(([name, value]) => [namesOfSamplers[name as Sampler][0], value]);
  return JSON.stringify(
    {
      ...Object.fromEntries(plain),
      ...(temperature !== undefined &&
        dynatempRange > 0 && {
          dynatemp: true,
          min_temp: rounded(temperature - dynatempRange),
          max_temp: rounded(temperature + dynatempRange),
        }),
      ...(maxOutputTokens !== undefined && { genamt: maxOutputTokens }),
      // Alone, `max_length` would be read as the length of the answer.
      ...(contextTokens !== undefined && {
        [maxOutputTokens === undefined ? 'max_context_length' : 'max_length']: contextTokens,
      }),
    },
    undefined,
    2,
  );
}
