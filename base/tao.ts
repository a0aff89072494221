/** @file Amounts as people write them: TAO with up to nine places, exactly the integer of rao that the chain counts. */

const PLACES = 9;
const RAO_PER_TAO = 10n ** BigInt(PLACES);
/** The chain counts in 64 bits. */
export const MOST_RAO = 2n ** 64n - 1n;

/**
 * Rao of an amount such as `12`, `0.5` or `.000000001`; null for anything else: signs, exponents, units, more than nine
 * places, more than the chain can count. Nothing is rounded.
 */
export function raoOf(text: string): bigint | null {
  const [, whole, places] = /^(\d{1,20})?(?:\.(\d{1,9}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined && places === undefined) return null;
  const rao = BigInt(whole ?? 0) * RAO_PER_TAO + BigInt((places ?? "").padEnd(PLACES, "0"));
  return rao <= MOST_RAO ? rao : null;
}

/** An amount without its unit, exactly: `0.5`, `-12`. What `raoOf` reads back, but for the sign. */
export function taoDigits(rao: bigint): string {
  const size = rao < 0n ? -rao : rao;
  const places = String(size % RAO_PER_TAO)
    .padStart(PLACES, "0")
    .replace(/0+$/, "");
  return `${rao < 0n ? "-" : ""}${size / RAO_PER_TAO}${places === "" ? "" : `.${places}`}`;
}

/** An amount for people, in TAO or in a subnet's alpha: all nine places, so that amounts in a column compare at a glance. */
export function taoText(rao: bigint, unit: "TAO" | "alpha" = "TAO"): string {
  const size = rao < 0n ? -rao : rao;
  const places = String(size % RAO_PER_TAO).padStart(PLACES, "0");
  return `${rao < 0n ? "-" : ""}${size / RAO_PER_TAO}.${places} ${unit}`;
}
