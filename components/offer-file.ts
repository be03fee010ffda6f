/** Gives the person a file that this page made, as a download. No permission is needed for that. */

const types = { json: 'application/json', csv: 'text/csv' } as const;

/** @param name of the file, without the date and the ending that it gets */
export function offerFile(name: string, ending: keyof typeof types, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: types[ending] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.${ending}`;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
