/**
 * The intrinsics of the page's realm, taken at document_start before any script of the page could replace them (security.md M9).
 * Code that runs in the page uses these and plain syntax only; it holds no secret, but it must keep working in a poisoned realm.
 */

const { call } = Function.prototype;
/** `uncurry(f)(self, ...args)`: a call that looks nothing up on a prototype the page may have changed. */
// biome-ignore lint/suspicious/noExplicitAny: the type of a method of any shape
export const uncurry = <Method extends (...args: any[]) => unknown>(method: Method) =>
  call.bind(method) as unknown as <Self>(self: Self, ...args: Parameters<Method>) => ReturnType<Method>;

export const getter = (prototype: object, name: string) =>
  // biome-ignore lint/style/noNonNullAssertion: part of the platform
  uncurry(Object.getOwnPropertyDescriptor(prototype, name)!.get!) as (self: unknown) => unknown;

export const NativePromise = Promise;
export const NativeError = Error;
export const NativeTypeError = TypeError;
export const NativeDOMException = DOMException;
export const NativeEvent = Event;
export const NativeProgressEvent = globalThis.ProgressEvent;
export const NativeAbortController = AbortController;
export const NativeWeakMap = WeakMap;
export const isArray = Array.isArray;
export const freeze = Object.freeze;
/**
 * Firefox has `defineProperty` and the spread of objects in JavaScript, whose first run costs each page a fifth and a tenth of a millisecond. What
 * runs at the start of a page does without.
 */
export const { assign, defineProperties } = Object;
export const createObject = Object.create;
export const setPrototypeOf = Object.setPrototypeOf;
export const { apply, construct } = Reflect;
export const { parse, stringify } = JSON;
export const tagOf = uncurry(Object.prototype.toString);
export const later = setTimeout;
export const report: (error: unknown) => void =
  typeof reportError === 'function' ? reportError.bind(globalThis) : () => undefined;
export const resolved = <Value>(value: Value): Promise<Value> => new NativePromise((resolve) => resolve(value));
export const rejected = (reason: unknown): Promise<never> => new NativePromise((_resolve, reject) => reject(reason));
/** A page's callback may throw; that is reported as the page's own error and stops nothing of ours. */
export function guarded(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    report(error);
  }
}
export const NativeMessageChannel = MessageChannel;
export const NativeMessageEvent = MessageEvent;
export const postTo = uncurry(MessagePort.prototype.postMessage) as (port: MessagePort, message: unknown) => void;
export const dataOf = getter(MessageEvent.prototype, 'data') as (event: MessageEvent) => unknown;
export const abortedOf = getter(AbortSignal.prototype, 'aborted') as (signal: unknown) => boolean;
export const reasonOf = getter(AbortSignal.prototype, 'reason') as (signal: AbortSignal) => unknown;
export const listen = uncurry(EventTarget.prototype.addEventListener);
export const unlisten = uncurry(EventTarget.prototype.removeEventListener);
export const dispatch = uncurry(EventTarget.prototype.dispatchEvent);
export const NativeCustomEvent = CustomEvent;
export const NativeRequest = Request;
export const urlOf = getter(Request.prototype, 'url') as (request: Request) => string;
export const methodOf = getter(Request.prototype, 'method') as (request: Request) => string;
export const requestSignalOf = getter(Request.prototype, 'signal') as (request: Request) => AbortSignal;
export const textOf = uncurry(Request.prototype.text) as (request: Request) => Promise<string>;
export const NativeResponse = Response;
export const NativeReadableStream = ReadableStream;
const controller = ReadableStreamDefaultController.prototype;
export const enqueue = uncurry(controller.enqueue);
export const closeStream = uncurry(controller.close);
export const failStream = uncurry(controller.error);
const NativeTextEncoder = TextEncoder;
const encodeBy = uncurry(TextEncoder.prototype.encode);
let encoder: TextEncoder | undefined;
export const encode = (text: string) => {
  encoder ??= new NativeTextEncoder();
  return encodeBy(encoder, text) as Uint8Array<ArrayBuffer>;
};
export const abort = uncurry(AbortController.prototype.abort);
export const signalOf = getter(AbortController.prototype, 'signal') as (controller: AbortController) => AbortSignal;

export const chain = call.bind(Promise.prototype.then) as <Value>(
  promise: Promise<Value>,
  onValue: (value: Value) => void,
  onError: (error: unknown) => void,
) => Promise<void>;
