import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Check, isRight, type Question } from '../../bench/eval/check';
import questions from '../../bench/eval/questions.json';
import { deviceModels } from '../../ondevice/model-list';

const exact: Check = { type: 'exact', any: ['Cold'] };
const list: Check = { type: 'exact', any: ['2, 5, 9', '2,5,9'] };
const contains: Check = { type: 'contains', any: ['H2O', 'buenos días', '14:45', 'blue whale'] };
const number: Check = { type: 'number', value: 42 };
const json: Check = { type: 'json', value: { name: 'Peter', age: 34 } };
const array: Check = { type: 'json', value: ['January', 'February'] };

test.each<[Check, string]>([
  [exact, 'cold'],
  [exact, ' “Cold.”\n'],
  [exact, '**Cold**'],
  [exact, '<think>Is it hot? No.</think>\n\nCold'],
  [list, '2,  5, 9.'],
  [contains, 'It is H₂O.'],
  [contains, 'The formula is: "H2O", of course!'],
  [contains, 'BUENOS DÍAS'],
  [contains, 'buenos di\u0301as'],
  [contains, 'At 14:45.'],
  [contains, 'The blue  whale, by far.'],
  [number, '42'],
  [number, '17 + 25 = **42**.'],
  [number, '42.0'],
  [{ type: 'number', value: 1200 }, 'It is 1,200 dollars.'],
  [{ type: 'number', value: -3 }, '-3 °C'],
  [json, '{"age": 34, "name": "Peter"}'],
  [json, 'Here it is:\n```json\n{\n  "name": "Peter",\n  "age": 34\n}\n```'],
  [array, '["January", "February"]'],
  [{ type: 'json', value: { text: 'a } b' } }, '{"text":"a } b"} and more }'],
])('%j is answered by %j', (check, answer) => {
  expect(isRight(check, answer)).toBe(true);
});

test.each<[Check, string]>([
  [exact, ''],
  [exact, 'It is cold'],
  [exact, 'coldness'],
  [exact, '<think>Cold</think> Warm'],
  [list, '9, 5, 2'],
  [contains, 'H2O2'],
  [contains, 'At 14:450 or 114:45'],
  [contains, 'The whale is blue'],
  [contains, `The blue whale. ${'Or another one. '.repeat(8)}`],
  [contains, ''],
  [number, ''],
  [number, 'forty-two'],
  [number, '420'],
  [number, '42.5'],
  [number, '42 is not it, 43 is'],
  [number, '1,42'],
  [json, 'Peter is 34'],
  [json, '{"name": "Peter", "age": "34"}'],
  [json, '{"name": "Peter", "age": 34, "city": "Rome"}'],
  [json, '{"name": "Peter"}'],
  [json, "{'name': 'Peter', 'age': 34}"],
  [array, '["February", "January"]'],
  [array, '{"0": "January", "1": "February"}'],
])('%j is not answered by %j', (check, answer) => {
  expect(isRight(check, answer)).toBe(false);
});

test('there are 30 questions, no two alike, and none holds its own answer as one is checked', () => {
  const all = questions as readonly Question[];
  expect(all).toHaveLength(30);
  expect(new Set(all.map(({ question }) => question)).size).toBe(30);
  expect(new Set(all.map(({ check }) => check.type))).toEqual(new Set(['exact', 'contains', 'number', 'json']));
  expect(all.filter(({ question, check }) => isRight(check, question))).toEqual([]);
  expect(all.filter(({ check }) => isRight(check, ''))).toEqual([]);
});

test('a score on the shelf is one of these questions, and docs/eval.md says the same', () => {
  const scored = deviceModels.flatMap(({ name, score }) => (score ? [{ name, ...score }] : []));
  const rows = readFileSync('docs/eval.md', 'utf8').match(/^\| .* \| \d+ of \d+ \| .*$/gm) ?? [];
  expect(scored.length).toBeGreaterThan(0);
  expect(rows).toHaveLength(scored.length);
  for (const { name, right, of, checked } of scored) {
    expect(of).toBe(questions.length);
    expect(right).toBeLessThanOrEqual(of);
    const row = rows.find((line) => line.startsWith(`| ${name} `));
    expect(row).toContain(`| ${right} of ${of} |`);
    expect(row).toContain(`| ${checked} |`);
  }
});
