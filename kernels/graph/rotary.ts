/** @file Rotary positions (Su et al. 2021) in Llama's form: the two HALVES of a head are rotated, as Hugging Face's rotate_half does. */
import type { Emitter } from "./emitter.ts";
import { MICROSOFT, type Value } from "./onnx.ts";

/** Cosines and sines of the rotary angles, each [positions, size / 2]; frequency i is base^(-2i / size). */
function rotaryTables(
  positions: number,
  size: number,
  base: number,
): { cosines: Float64Array; sines: Float64Array } {
  const half = size / 2;
  const cosines = new Float64Array(positions * half);
  const sines = new Float64Array(positions * half);
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < half; i++) {
      const angle = position * base ** ((-2 * i) / size);
      cosines[position * half + i] = Math.cos(angle);
      sines[position * half + i] = Math.sin(angle);
    }
  return { cosines, sines };
}

/** Tables [positions, size / 2]. */
type Angles = {
  readonly cosines: Value;
  readonly sines: Value;
};

/** The angle tables of heads of `size` as constants, frequencies from `base` (Llama: 10000); the inverse rotation has the sines negated. */
export function angles(
  emitter: Emitter,
  { positions, size, base }: { positions: number; size: number; base: number },
  inverse: boolean,
): Angles {
  const key = `${positions} ${size} ${base}`;
  const table = [positions, size / 2];
  return {
    cosines: emitter.constant(`cosines ${key}`, table, () =>
      Float32Array.from(rotaryTables(positions, size, base).cosines),
    ),
    sines: emitter.constant(`sines ${key} ${inverse}`, table, () =>
      Float32Array.from(rotaryTables(positions, size, base).sines, (x) => (inverse ? -x : x)),
    ),
  };
}

function rotateByOperator(emitter: Emitter, x: Value, { cosines, sines }: Angles): Value {
  const first = emitter.constant("position 0", [1], () => BigInt64Array.of(0n));
  const heads = x.shape.at(-1)! / (2 * cosines.shape[1]!);
  return emitter.node("RotaryEmbedding", [x, first, cosines, sines], x.shape, {
    domain: MICROSOFT,
    attributes: { interleaved: 0, ...(x.shape.length === 3 && { num_heads: heads }) },
  });
}

function rotateByParts(emitter: Emitter, x: Value, { cosines, sines }: Angles): Value {
  const [axis, half] = [x.shape.length - 1, x.shape.at(-1)! / 2];
  const [a, b] = emitter.split(x, axis, [half, half]);
  const real = emitter.subtract(emitter.multiply(a!, cosines), emitter.multiply(b!, sines));
  const imaginary = emitter.add(emitter.multiply(b!, cosines), emitter.multiply(a!, sines));
  return emitter.concat([real, imaginary], axis);
}

/** Turns x [batch, heads, positions, size], or on the CPU [batch, positions, heads * size], positions counted from 0; the backward rule is the inverse rotation. */
export function rotate(emitter: Emitter, x: Value, tables: Angles): Value {
  return emitter.target.microsoftOperators
    ? rotateByOperator(emitter, x, tables)
    : rotateByParts(emitter, x, tables);
}
