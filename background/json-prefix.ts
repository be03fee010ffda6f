/** Whether a text can be the beginning of JSON: what a page begins of an answer must be one that can still become valid. */

const string = '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[\\da-fA-F]{4}))*';
const whole = new RegExp(`${string}"|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`, 'y');
/** Cut off by the end of the text. */
const begun = new RegExp(
  `(?:${string}(?:\\\\(?:u[\\da-fA-F]{0,3})?)?|-?(?:(?:0|[1-9]\\d*)(?:\\.\\d*)?(?:(?<=\\d)[eE][+-]?\\d*)?)?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?)$`,
  'y',
);
const blank = /[ \t\n\r]*/y;

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

export function canBeginJson(text: string): boolean {
  const open: string[] = [];
  let expected = 'value' as Expected;
  let at = 0;

  const skip = () => {
    blank.lastIndex = at;
    blank.test(text);
    at = blank.lastIndex;
  };
  const close = (bracket: string): boolean => {
    if (open.pop() !== bracket) return false;
    expected = open.length > 0 ? 'comma-or-end' : 'nothing';
    return true;
  };
  /** A string, a number or a word; false where there is none. */
  const readScalar = (): boolean => {
    whole.lastIndex = at;
    if (!whole.test(text)) return false;
    at = whole.lastIndex;
    if (expected === 'key' || expected === 'key-or-end') expected = 'colon';
    else expected = open.length > 0 ? 'comma-or-end' : 'nothing';
    return true;
  };
  const readMark = (mark: string): boolean => {
    const isValue = expected === 'value' || expected === 'value-or-end';
    if (isValue && (mark === '{' || mark === '[')) {
      open.push(mark === '{' ? '}' : ']');
      expected = mark === '{' ? 'key-or-end' : 'value-or-end';
      return true;
    }
    if (expected === 'colon' && mark === ':') expected = 'value';
    else if (expected === 'comma-or-end' && mark === ',') expected = open.at(-1) === '}' ? 'key' : 'value';
    else return expected.endsWith('or-end') && close(mark);
    return true;
  };

  for (skip(); at < text.length; skip()) {
    const mark = text[at] as string;
    if ('{}[],:'.includes(mark)) {
      if (!readMark(mark)) return false;
      at += 1;
      continue;
    }
    const isKey = expected === 'key' || expected === 'key-or-end';
    if (expected === 'nothing' || expected === 'colon' || expected === 'comma-or-end' || (isKey && mark !== '"')) return false;
    begun.lastIndex = at;
    if (begun.test(text)) return true;
    if (!readScalar()) return false;
  }
  return true;
}
