/** Names of keys as tests write them, and what the two wire protocols want for them. */

interface Key {
  /** DOM `key` and `code`, and the Windows key code that CDP asks for. */
  key: string;
  code: string;
  keyCode: number;
  /** What the key types, if anything. */
  text?: string;
  /** The code point that WebDriver gives to the key. */
  webdriver: string;
}

const named: Record<string, Key> = {
  Enter: { key: 'Enter', code: 'Enter', keyCode: 13, text: '\r', webdriver: '\uE007' },
  Escape: { key: 'Escape', code: 'Escape', keyCode: 27, webdriver: '\uE00C' },
  Tab: { key: 'Tab', code: 'Tab', keyCode: 9, webdriver: '\uE004' },
  Space: { key: ' ', code: 'Space', keyCode: 32, text: ' ', webdriver: ' ' },
  Backspace: { key: 'Backspace', code: 'Backspace', keyCode: 8, webdriver: '\uE003' },
  Delete: { key: 'Delete', code: 'Delete', keyCode: 46, webdriver: '\uE017' },
  Home: { key: 'Home', code: 'Home', keyCode: 36, webdriver: '\uE011' },
  End: { key: 'End', code: 'End', keyCode: 35, webdriver: '\uE010' },
  PageUp: { key: 'PageUp', code: 'PageUp', keyCode: 33, webdriver: '\uE00E' },
  PageDown: { key: 'PageDown', code: 'PageDown', keyCode: 34, webdriver: '\uE00F' },
  ArrowLeft: { key: 'ArrowLeft', code: 'ArrowLeft', keyCode: 37, webdriver: '\uE012' },
  ArrowUp: { key: 'ArrowUp', code: 'ArrowUp', keyCode: 38, webdriver: '\uE013' },
  ArrowRight: { key: 'ArrowRight', code: 'ArrowRight', keyCode: 39, webdriver: '\uE014' },
  ArrowDown: { key: 'ArrowDown', code: 'ArrowDown', keyCode: 40, webdriver: '\uE015' },
};

/** The key modifiers with their CDP bit and WebDriver code point. */
export const modifiers = {
  Alt: { bit: 1, key: 'Alt', code: 'AltLeft', keyCode: 18, webdriver: '\uE00A' },
  Control: { bit: 2, key: 'Control', code: 'ControlLeft', keyCode: 17, webdriver: '\uE009' },
  Meta: { bit: 4, key: 'Meta', code: 'MetaLeft', keyCode: 91, webdriver: '\uE03D' },
  Shift: { bit: 8, key: 'Shift', code: 'ShiftLeft', keyCode: 16, webdriver: '\uE008' },
};

export type ModifierName = keyof typeof modifiers;

/** Reads `Shift+Tab`, `Enter` or `a`. */
export function parseKey(text: string): { key: Key; held: ModifierName[] } {
  const parts = text.length > 1 ? text.split('+') : [text];
  const last = parts.pop() ?? '';
  for (const part of parts) if (!(part in modifiers)) throw new Error(`Unknown modifier ${part}`);
  if (named[last]) return { key: named[last], held: parts as ModifierName[] };
  if ([...last].length !== 1) throw new Error(`Unknown key ${last}`);
  const upper = last.toUpperCase();
  return {
    key: { key: last, code: `Key${upper}`, keyCode: upper.charCodeAt(0), text: last, webdriver: last },
    held: parts as ModifierName[],
  };
}
