/** @file Texts of strangers, made safe to print. */

/** A stranger's text on one line, without control and formatting characters: it must not steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}
