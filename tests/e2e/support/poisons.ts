/** What a page can overwrite once Oriel is there (security.md T10), as source text. The page's own probe needs none of it. */

export const poisons: Record<string, string> = {
  'Array.prototype iterator': 'Array.prototype[Symbol.iterator] = () => { throw new Error("poison"); }',
  'Array.prototype.push': 'Array.prototype.push = () => { throw new Error("poison"); }',
  'Array.prototype.map': 'Array.prototype.map = () => { throw new Error("poison"); }',
  'Promise.prototype.then': 'Promise.prototype.then = () => { throw new Error("poison"); }',
  'Object.prototype setters':
    'for (const key of ["origin", "id", "type", "then", "get", "set", "value"]) Object.defineProperty(Object.prototype, key, { configurable: true, set() { throw new Error("poison"); }, get() { return undefined; } })',
  JSON: 'JSON.parse = JSON.stringify = () => { throw new Error("poison"); }',
  'crypto.randomUUID': 'crypto.randomUUID = () => "same"; crypto.getRandomValues = (array) => array',
  addEventListener: 'EventTarget.prototype.addEventListener = () => { throw new Error("poison"); }',
  'MessagePort.postMessage': 'MessagePort.prototype.postMessage = () => { throw new Error("poison"); }',
  'Function.prototype':
    'Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw new Error("poison"); }',
  Reflect: 'for (const key of Object.getOwnPropertyNames(Reflect)) Reflect[key] = () => { throw new Error("poison"); }',
  structuredClone: 'structuredClone = () => { throw new Error("poison"); }',
  ReadableStream: 'ReadableStream = class { constructor() { throw new Error("poison"); } }',
  'Map and Set': 'Map.prototype.get = Map.prototype.set = Set.prototype.add = () => { throw new Error("poison"); }',
};
