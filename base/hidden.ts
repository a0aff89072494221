/** @file URLs without the user name and password in them: what screens, logs and printed commands may show. */

/** `//user:password@`, up to the last @ before the path. */
const CREDENTIALS = /\/\/[^/?#\s]*@/g;

/** A text in which every URL shows `***` in place of its user name and password. */
export function hidden(text: string): string {
  return text.replaceAll(CREDENTIALS, "//***@");
}

/** Whether a URL in the text has a user name or password, shown or hidden. */
export function hasCredentials(text: string): boolean {
  return text.search(CREDENTIALS) !== -1;
}
