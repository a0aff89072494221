/** @file Valid values of any key of subnet.toml, for property tests. */
import * as fc from "fast-check";
import type { KeyInfo, KeyValue } from "../../../../subnet/config/keys.ts";

/** A valid value of a key, most likely another one than its default. */
export function arbitraryValueOf(info: KeyInfo): fc.Arbitrary<KeyValue> {
  if (info.kind === "a switch") return fc.boolean();
  if (info.path === "hyperparameters.burnIncrease")
    return fc.double({ min: 1, max: 3, noNaN: true });
  if (info.kind === "one of") return fc.constantFrom(...info.range.split(", "));
  if (info.kind === "text") return fc.string({ minLength: 1, maxLength: 20 });
  if (info.kind === "a list of texts")
    return fc.array(fc.string({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 });
  if (info.kind === "a whole number") {
    const [least = 0, most = least + 500] = (
      info.range.replaceAll(",", "").match(/\d+/g) ?? []
    ).map(Number);
    return fc.integer({ min: least, max: Math.min(most, least + 500) });
  }
  return fc.double({ min: 1e-6, max: 0.99, noNaN: true });
}
