/** How a site is written for the person: host as the browser gives it, its registrable end always in view, `http://` and ports marked. */

/** Characters of a host that fit beside the words around it. */
const shownChars = 40;
/** The end of a host that is never taken away: with two-part suffixes (`co.uk`) the site's own name is the third label from the end. */
const keptLabels = 3;

export interface SiteName {
  /** Short form, elided from the left. */
  readonly text: string;
  /** All of it, for a title or a details view. */
  readonly full: string;
  /** Holds letters of other scripts, shown as `xn--`: may be a name that looks like another. */
  readonly encoded: boolean;
}

function elideLeft(hostname: string, room: number): string {
  const labels = hostname.split('.');
  // A dot at the end makes a label that is empty: it belongs to the end, not to the count.
  const kept = hostname.endsWith('.') ? keptLabels + 1 : keptLabels;
  while (labels.length > kept && labels.join('.').length > room) labels.shift();
  const end = labels.join('.');
  return end.length === hostname.length ? hostname : `…${end}`;
}

/** An origin as the person reads it. URL parsing drops user names and default ports and writes foreign letters as `xn--`. */
export function siteName(origin: string): SiteName {
  if (!URL.canParse(origin)) return { text: '?', full: '?', encoded: false };
  const { protocol, hostname, port } = new URL(origin);
  const scheme = protocol === 'https:' ? '' : `${protocol}//`;
  const end = port === '' ? '' : `:${port}`;
  const isName = !hostname.startsWith('[') && !/^\d+(\.\d+){3}$/.test(hostname);
  return {
    text: `${scheme}${isName ? elideLeft(hostname, shownChars) : hostname}${end}`,
    full: `${scheme}${hostname}${end}`,
    encoded: /(^|\.)xn--/.test(hostname),
  };
}

/** Host and port of an address that the person types or has saved; undefined while it is none. */
export function hostOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { host, protocol } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? host || undefined : undefined;
}
