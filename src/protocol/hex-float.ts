/** @file Doubles as text without loss and without two spellings: C's %a form, for records that are hashed. */

const PATTERN = /^(-?)0x([01])(?:\.([0-9a-f]{1,13}))?p([+-]\d{1,4})$/;
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
  const value = SPECIAL.get(text) ?? finiteOf(text);
  return value !== null && hexFloat(value) === text ? value : null;
}

function finiteOf(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const [, sign, lead, digits, exponentText] = match;
  const exponent = Number(exponentText);
  const mantissa = BigInt(`0x${(digits ?? "").padEnd(13, "0")}`);
  const biased = lead === "1" ? exponent + 1023 : 0;
  if (biased < 0 || biased > 2046) return null;
  const view = new DataView(new ArrayBuffer(8));
  const signBit = sign === "-" ? 1n << 63n : 0n;
  view.setBigUint64(0, signBit | (BigInt(biased) << MANTISSA_BITS) | mantissa);
  return view.getFloat64(0);
}
