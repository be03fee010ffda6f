/** Branded ids and their only constructors. What must not be mixed up has a type of its own. */

declare const brand: unique symbol;
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/** The serialised origin of a web page, as the browser states it: `https://example.com`. Never "null". */
export type Origin = Brand<string, 'Origin'>;
/** Chosen by the caller, unique within its document. */
export type RequestId = Brand<string, 'RequestId'>;
export type ConnectionId = Brand<string, 'ConnectionId'>;
export type ApprovalId = Brand<string, 'ApprovalId'>;
/** SHA-256 in hex over the canonical form of one request: what exactly was approved. */
export type Digest = Brand<string, 'Digest'>;
/** Millionths of a US dollar, always an integer. */
export type MicroUsd = Brand<number, 'MicroUsd'>;

/**
 * The origin of a web page, or undefined where there is no identity to grant anything to
 * (opaque origins, `file:`, extension pages).
 */
export function toOrigin(value: string | undefined): Origin | undefined {
  if (value === undefined || value === 'null') return undefined;
  try {
    const url = new URL(value);
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
    return isWeb && url.origin === value ? (value as Origin) : undefined;
  } catch {
    // Not a URL at all.
    return undefined;
  }
}

/** A host name of this machine: what is sent there does not leave it. */
export const isLoopback = (hostname: string): boolean => /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Plain http from another machine. Loopback is secure, as the platform has it. */
export function isInsecure(origin: Origin): boolean {
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'https:') return false;
  return !isLoopback(hostname);
}

export const newConnectionId = (): ConnectionId => crypto.randomUUID() as ConnectionId;
export const newApprovalId = (): ApprovalId => crypto.randomUUID() as ApprovalId;
export const newRequestId = (): RequestId => crypto.randomUUID() as RequestId;
export const toRequestId = (value: string): RequestId => value as RequestId;
export const toConnectionId = (value: string): ConnectionId => value as ConnectionId;
export const toApprovalId = (value: string): ApprovalId => value as ApprovalId;
export const toDigest = (value: string): Digest => value as Digest;

/** Rounds up: a fraction of a micro-dollar is never given away. */
export const toMicroUsd = (usd: number): MicroUsd => Math.max(0, Math.ceil(usd * 1_000_000 - 1e-6)) as MicroUsd;
