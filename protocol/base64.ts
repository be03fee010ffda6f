/** Bytes as text and back, for what crosses a port or lies in `storage.session`: neither carries bytes in every browser. */

export type Bytes = Uint8Array<ArrayBuffer>;

export function toBase64(bytes: Bytes): string {
  let binary = '';
  // One character at a time: spreading a large array over the arguments of a call overflows the stack.
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @throws DOMException where the text is not base64 */
export const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
