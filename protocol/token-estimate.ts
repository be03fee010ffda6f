/** How many tokens a text may be, where nobody counts them. */

/** The usual estimate: four characters of Latin text a token, one of any other. */
export function tokensOfText(text: string): number {
  let latin = 0;
  // By plain syntax: in a page the methods of strings may be the page's own.
  for (let index = 0; index < text.length; index += 1) if ((text[index] as string) < '\u0250') latin += 1;
  return latin / 4 + (text.length - latin);
}
