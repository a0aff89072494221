/** @file Numbers as people read them, always with their unit. */

const RAO_DIGITS = 9;
const PERCENT = 100;
const MINUTE = 60;

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A share of 0 to 1. */
export function percent(share: number, digits = 1): string {
  return `${(PERCENT * share).toFixed(digits)}\u00a0%`;
}

/** A relative fall of the loss; up is a loss that rose. */
export function fall(value: number | null): string {
  return value === null
    ? "–"
    : `${value < 0 ? "−" : "+"}${Math.abs(PERCENT * value).toFixed(2)}\u00a0%`;
}

/** Nats per token. */
export function nats(loss: number): string {
  return `${loss.toFixed(3)} nats/token`;
}

/** A plain number, or a dash. */
export function number(value: number | null, digits = 3): string {
  return value === null ? "–" : value.toFixed(digits).replace("-", "−");
}

/** Bytes in decimal units. */
export function bytes(value: number): string {
  if (value < 1000) return `${count(value)} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(2)} GB`;
}

/** A stretch of time. */
export function seconds(value: number | null): string {
  if (value === null) return "–";
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < MINUTE) return `${value.toFixed(0)} s`;
  const whole = Math.round(value);
  if (whole < MINUTE * MINUTE) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
  return `${Math.floor(whole / MINUTE / MINUTE)} h ${Math.floor(whole / MINUTE) % MINUTE} min`;
}

/** Rao as tokens with three digits, cut and not rounded: nobody is shown more than there is. */
export function tokens(rao: string): string {
  const digits = rao.padStart(RAO_DIGITS + 1, "0");
  const whole = digits.slice(0, -RAO_DIGITS);
  return `${count(Number(whole))}.${digits.slice(-RAO_DIGITS, -RAO_DIGITS + 3)}`;
}

/** The same to the last rao, without noughts at the end: for prices, of which three digits may be none. */
export function price(rao: string): string {
  const digits = rao.padStart(RAO_DIGITS + 1, "0");
  const rest = digits.slice(-RAO_DIGITS).replace(/0{1,6}$/, "");
  return `${count(Number(digits.slice(0, -RAO_DIGITS)))}.${rest}`;
}

/** Rao as a number of tokens, for charts alone. */
export function tokenNumber(rao: string): number {
  return Number(rao) / 1e9;
}

/** The beginning and the end of an address or a digest. */
export function short(text: string): string {
  return text.length <= 14 ? text : `${text.slice(0, 8)}…${text.slice(-4)}`;
}
