/** @file Doubles as text without loss and without two spellings: C's %a form, for records that are hashed. */

/** Digits end in none that is a zero, exponents begin with none. */
const PATTERN = /^(-?)0x([01])(?:\.([0-9a-f]{0,12}[1-9a-f]))?p(\+0|[+-][1-9]\d{0,3})$/;
const MANTISSA_BITS = 52n;
const MANTISSA_MASK = (1n << MANTISSA_BITS) - 1n;
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** A double as hex float: "0x1.8p+1" is 3, "-0x0p+0" is -0; "nan", "inf", "-inf". */
export function hexFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const sign = bits >> 63n === 1n ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  const biased = Number((bits >> MANTISSA_BITS) & 0x7ffn);
  const mantissa = bits & MANTISSA_MASK;
  if (biased === 0 && mantissa === 0n) return `${sign}0x0p+0`;
  const digits = mantissa.toString(16).padStart(13, "0").replace(/0+$/, "");
  const exponent = biased === 0 ? -1022 : biased - 1023;
  const point = digits === "" ? "" : `.${digits}`;
  return `${sign}0x${biased === 0 ? 0 : 1}${point}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** The double that `hexFloat` wrote; null if the text is anything else, even another spelling of a double. */
export function parseHexFloat(text: string): number | null {
  return SPECIAL.get(text) ?? finiteOf(text);
}

/** Without BigInt: a record of 256 miners has tens of thousands of these. */
function finiteOf(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, sign, lead, digits = "", exponentText] = match;
  const biased = biasedOf(lead === "1", digits !== "", Number(exponentText));
  if (biased === null) return null;
  const mantissa = digits.padEnd(13, "0");
  const high = Number.parseInt(mantissa.slice(0, 5), 16);
  WORDS.setUint32(0, ((sign === "-" ? 0x800 : 0) + biased) * 2 ** 20 + high);
  WORDS.setUint32(4, Number.parseInt(mantissa.slice(5), 16));
  return WORDS.getFloat64(0);
}

const WORDS = new DataView(new ArrayBuffer(8));

/** The biased exponent; null where that number has another spelling, or none. */
function biasedOf(isNormal: boolean, hasDigits: boolean, exponent: number): number | null {
  if (isNormal) return exponent >= -1022 && exponent <= 1023 ? exponent + 1023 : null;
  return exponent === (hasDigits ? -1022 : 0) ? 0 : null;
}
