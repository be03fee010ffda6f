/** A small matcher of GBNF (llama.cpp, grammars/README.md): what the grammars of Oriel use of it, by trying everything. */

type Node =
  | { type: 'text'; text: string }
  | { type: 'class'; pattern: RegExp }
  | { type: 'rule'; name: string }
  | { type: 'choice'; choices: Node[][] }
  | { type: 'repeat'; node: Node; least: number; most: number };

/** Throws where the grammar cannot be read. */
export function createGrammar(source: string): { accepts(text: string): boolean } {
  const rules = new Map<string, Node>();
  for (const line of source.split('\n')) {
    const [, name, body] = /^([a-z0-9-]+) ::= (.*)$/.exec(line) ?? [];
    if (name === undefined || body === undefined) throw new Error(`No rule: ${line}`);
    rules.set(name, readChoice(createCursor(body)));
  }

  function* match(node: Node, text: string, at: number): Generator<number> {
    switch (node.type) {
      case 'text':
        if (text.startsWith(node.text, at)) yield at + node.text.length;
        return;
      case 'class': {
        const character = [...text.slice(at, at + 2)][0];
        if (character !== undefined && node.pattern.test(character)) yield at + character.length;
        return;
      }
      case 'rule': {
        const rule = rules.get(node.name);
        if (rule === undefined) throw new Error(`No rule ${node.name}`);
        return yield* match(rule, text, at);
      }
      case 'choice':
        for (const sequence of node.choices) yield* matchAll(sequence, text, at);
        return;
      case 'repeat':
        return yield* matchTimes(node, text, at, 0);
    }
  }
  function* matchAll([first, ...rest]: Node[], text: string, at: number): Generator<number> {
    if (first === undefined) return yield at;
    for (const next of match(first, text, at)) yield* matchAll(rest, text, next);
  }
  function* matchTimes(node: Node & { type: 'repeat' }, text: string, at: number, times: number): Generator<number> {
    if (times < node.most)
      for (const next of match(node.node, text, at)) if (next > at) yield* matchTimes(node, text, next, times + 1);
    if (times >= node.least) yield at;
  }

  return {
    accepts(text) {
      for (const end of match({ type: 'rule', name: 'root' }, text, 0)) if (end === text.length) return true;
      return false;
    },
  };
}

interface Cursor {
  take(pattern: RegExp): string | undefined;
  readonly rest: string;
}
function createCursor(source: string): Cursor {
  let rest = source;
  return {
    take(pattern) {
      const found = new RegExp(`^ *(?:${pattern.source})`).exec(rest)?.[0];
      if (found !== undefined) rest = rest.slice(found.length);
      return found?.trimStart();
    },
    get rest() {
      return rest;
    },
  };
}

const plain = (text: string) =>
  text.replace(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) =>
    code.startsWith('x') ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : code === 'n' ? '\n' : code,
  );

function readChoice(cursor: Cursor): Node {
  const choices: Node[][] = [[]];
  for (;;) {
    if (cursor.take(/\|/) !== undefined) {
      choices.push([]);
      continue;
    }
    const node = readNode(cursor);
    if (node === undefined) return { type: 'choice', choices };
    choices.at(-1)?.push(withCount(node, cursor));
  }
}

function readNode(cursor: Cursor): Node | undefined {
  const text = cursor.take(/"(?:[^"\\]|\\.)*"/);
  if (text !== undefined) return { type: 'text', text: plain(text.slice(1, -1)) };
  const set = cursor.take(/\[(?:[^\]\\]|\\.)*\]/);
  if (set !== undefined) return { type: 'class', pattern: new RegExp(`^${set}$`, 'u') };
  if (cursor.take(/\(/) !== undefined) {
    const inner = readChoice(cursor);
    if (cursor.take(/\)/) === undefined) throw new Error(`No end of a group: ${cursor.rest}`);
    return inner;
  }
  const name = cursor.take(/[a-z][a-z0-9-]*/);
  if (name !== undefined) return { type: 'rule', name };
  if (cursor.rest.trim() !== '' && !cursor.rest.trimStart().startsWith(')')) throw new Error(`Cannot read: ${cursor.rest}`);
  return undefined;
}

function withCount(node: Node, cursor: Cursor): Node {
  const sign = cursor.take(/[?*+]|\{\d+,\d*\}/);
  if (sign === undefined) return node;
  const [least, most] = sign.startsWith('{') ? sign.slice(1, -1).split(',') : [sign === '+' ? '1' : '0', sign === '?' ? '1' : ''];
  return { type: 'repeat', node, least: Number(least), most: most ? Number(most) : Number.POSITIVE_INFINITY };
}
