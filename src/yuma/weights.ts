/** @file Weights as the chain stores them: scaled so that the largest is 65535. */
import { ofInteger, product, quotient, rounded } from "./fixed.ts";

/** Above this, the chain divides first: the product would leave 31 integer bits. */
const DIVIDE_FIRST_ABOVE = 32_768;

/** What `set_mechanism_weights` stores of u16 values; a row of zeros stays. */
export function storedWeights(values: readonly number[]): readonly number[] {
  const largest = Math.max(0, ...values);
  if (largest === 0) return values;
  const [top, divisor] = [ofInteger(65_535), ofInteger(largest)];
  const factor = quotient(top, divisor);
  return values.map((value) => {
    const one = ofInteger(value);
    return rounded(
      largest > DIVIDE_FIRST_ABOVE ? product(one, factor) : quotient(product(one, top), divisor),
    );
  });
}
