/** @file One byte string per JSON value: keys sorted, no spaces, UTF-8. */

/** A plain JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Canonical JSON text: object keys in ascending UTF-16 order, no white space, numbers as JavaScript prints them (the
 * shortest text that reads back to the same double), -0 as "-0" because JSON.stringify would lose its sign.
 * @throws RangeError on a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number") return canonicalNumber(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`);
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}
