/** Owns which headers a person may add to the requests for a server of their own (security.md T52); apart from the schemas, so that the form knows it too. */

import { limits } from './limits';

/**
 * Headers that say who asks, where from, or how the message is framed; those are for the browser and for Oriel to set. Secrets have their place
 * in the vault, not here.
 */
const forbidden = new RegExp(
  `^(${[
    'origin|host|cookie2?|set-cookie|referer|via|forwarded|x-forwarded-.*|x-real-ip|proxy-.*|sec-.*|access-control-.*',
    'accept|accept-.*|content-.*|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|date|dnt|user-agent',
    'authorization',
  ].join('|')})$`,
  'i',
);
/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** Visible ASCII and blanks between: no line ends, and nothing that servers read in different ways. */
const fieldValue = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

export const isOwnHeaderName = (name: string): boolean =>
  token.test(name) && name.length <= limits.nameChars && !forbidden.test(name);

export const isOwnHeaderValue = (value: string): boolean => value.length <= limits.ownHeaderChars && fieldValue.test(value);
