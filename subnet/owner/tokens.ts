/** @file Amounts of tokens for people. */

const RAO_PER_TOKEN = 1_000_000_000n;
const DIGITS = 9;

/** Rao as tokens, exactly: "12.5", "0.000000001". */
export function tokensText(rao: bigint): string {
  const whole = rao / RAO_PER_TOKEN;
  const rest = String(rao % RAO_PER_TOKEN)
    .padStart(DIGITS, "0")
    .replace(/0+$/, "");
  return rest === "" ? String(whole) : `${whole}.${rest}`;
}

/** Rao as TAO, the token that balances and prices are in. */
export function taoText(rao: bigint): string {
  return `${tokensText(rao)} TAO`;
}
