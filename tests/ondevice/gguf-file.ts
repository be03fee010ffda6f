/** Writes the head of a GGUF file (version 3), with some bytes behind it. */

type Value = string | number | readonly string[] | readonly number[];

export function gguf(metadata: Readonly<Record<string, Value>>, tail = 40): Uint8Array<ArrayBuffer> {
  const number = (value: number, bytes: 4 | 8) => {
    const view = new DataView(new ArrayBuffer(bytes));
    if (bytes === 4) view.setUint32(0, value, true);
    else view.setBigUint64(0, BigInt(value), true);
    return new Uint8Array(view.buffer);
  };
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(value);
    return [number(encoded.length, 8), encoded];
  };
  const typed = (value: Value): Uint8Array[] => {
    if (typeof value === 'string') return [number(8, 4), ...text(value)];
    if (typeof value === 'number') return [number(4, 4), number(value, 4)];
    const isText = typeof value[0] === 'string';
    const items = value.flatMap((one) => (typeof one === 'string' ? text(one) : [number(one, 4)]));
    return [number(9, 4), number(isText ? 8 : 4, 4), number(value.length, 8), ...items];
  };
  const entries = Object.entries(metadata);
  const parts = [
    new TextEncoder().encode('GGUF'),
    number(3, 4),
    number(0, 8),
    number(entries.length, 8),
    ...entries.flatMap(([key, value]) => [...text(key), ...typed(value)]),
    new Uint8Array(tail).fill(7),
  ];
  return new Uint8Array(Buffer.concat(parts));
}
