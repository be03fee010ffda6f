/** Owns the one thing of Kobold servers that the catalog needs too, and with it the interface: where the server itself is. */

/** The server of an address that people copy in many lengths: with `/api`, `/api/v1`, `/v1` at its end, or without. */
export const koboldRoot = (baseUrl: string): string => baseUrl.replace(/\/(api(\/(v1|latest))?|v1)(\/generate)?$/, '');
