/** How many tokens a text may be, where nobody counts them. */

/** The usual estimate: four characters of Latin text a token, one of any other. */
export function tokensOfText(text: string): number {
  let latin = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < 0x250) latin += 1;
  return latin / 4 + (text.length - latin);
}
