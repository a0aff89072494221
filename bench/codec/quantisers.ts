/** @file Ways to send the values of kept coordinates in one or two bits: what they become on the other side. */

/**
 * What a tensor's values read as after their trip. `ends`: where the values of each chunk end. Sums run in ascending order.
 */
export type Quantiser = (
  values: Float32Array,
  ends: readonly number[],
) => Float32Array<ArrayBuffer>;

/** Rounds after which Lloyd's method moves nothing that counts. */
const LLOYD_ROUNDS = 50;

function mean(values: Float32Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sign and, for magnitudes up to `threshold` and above it, the mean of each. */
function signAndMeans(values: Float32Array, threshold: number): Float32Array<ArrayBuffer> {
  const magnitudes = values.map(Math.abs);
  const low = mean(magnitudes.filter((magnitude) => magnitude <= threshold));
  const high = mean(magnitudes.filter((magnitude) => magnitude > threshold));
  return Float32Array.from(
    values,
    (value) => Math.sign(value) * (Math.abs(value) > threshold ? high : low),
  );
}

/** The threshold half-way between both means, after rounds of Lloyd's method that began at the mean magnitude. */
function lloydThreshold(values: Float32Array, rounds: number): number {
  const magnitudes = values.map(Math.abs);
  let threshold = mean(magnitudes);
  for (let round = 0; round < rounds; round += 1) {
    const low = mean(magnitudes.filter((magnitude) => magnitude <= threshold));
    const high = mean(magnitudes.filter((magnitude) => magnitude > threshold));
    const next = (low + high) / 2;
    if (next === threshold || high === 0) break;
    threshold = next;
  }
  return threshold;
}

/**
 * Four bins of equal width over six deviations around the mean, each read as the mean of what fell into it: what the
 * published training subnet ships.
 */
function fourBins(values: Float32Array): Float32Array<ArrayBuffer> {
  const shift = mean(values);
  const variance = mean(values.map((value) => (value - shift) ** 2));
  const width = (6 * Math.sqrt(variance)) / 4;
  const bin = (value: number): number =>
    Math.min(3, Math.max(0, Math.round((value - shift) / width + 2)));
  const levels = [0, 1, 2, 3].map((one) => mean(values.filter((value) => bin(value) === one)));
  return Float32Array.from(values, (value) => levels[bin(value)] ?? 0);
}

/** Sign and the mean magnitude: one bit a value. */
const oneMagnitude: Quantiser = (values) => signAndMeans(values, Number.POSITIVE_INFINITY);

/** The nearest number of four significant bits. */
function fourBits(x: number): number {
  if (x === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(x)) - 3);
  return Math.round(x / unit) * unit;
}

/** Sign, and for each chunk the mean magnitude of its own, in a byte. */
const chunkMagnitudes: Quantiser = (values, ends) => {
  const out = new Float32Array(values.length);
  let from = 0;
  for (const end of ends) {
    const magnitude = fourBits(mean(values.subarray(from, end).map(Math.abs)));
    for (; from < end; from += 1) out[from] = Math.sign(values[from] ?? 0) * magnitude;
  }
  return out;
};

/** Sign, and for each chunk two magnitudes of its own, in a byte each: Lloyd's method with four rounds. */
const chunkPairs: Quantiser = (values, ends) => {
  const out = new Float32Array(values.length);
  let from = 0;
  for (const end of ends) {
    const own = values.subarray(from, end);
    out.set(
      signAndMeans(own, lloydThreshold(own, 4)).map((x) => Math.sign(x) * fourBits(Math.abs(x))),
      from,
    );
    from = end;
  }
  return out;
};

/** By name, with the bits that a value takes where each is written plainly. */
export const QUANTISERS = {
  "one-magnitude": { bits: 1, quantise: oneMagnitude },
  "chunk-magnitudes": { bits: 1 + 1 / 8, quantise: chunkMagnitudes },
  "chunk-pairs": { bits: 2 + 1 / 4, quantise: chunkPairs },
  "two-magnitudes": {
    bits: 2,
    quantise: (values: Float32Array) => signAndMeans(values, lloydThreshold(values, 0)),
  },
  "lloyd-4": {
    bits: 2,
    quantise: (values: Float32Array) => signAndMeans(values, lloydThreshold(values, 4)),
  },
  "lloyd-max": {
    bits: 2,
    quantise: (values: Float32Array) => signAndMeans(values, lloydThreshold(values, LLOYD_ROUNDS)),
  },
  "four-bins": { bits: 2, quantise: fourBins },
} as const satisfies Record<string, { readonly bits: number; readonly quantise: Quantiser }>;

/** Name of a way to send values. */
export type QuantiserName = keyof typeof QUANTISERS;

export const QUANTISER_NAMES: readonly QuantiserName[] = [
  "chunk-magnitudes",
  "lloyd-4",
  "chunk-pairs",
  "one-magnitude",
  "four-bins",
  "two-magnitudes",
  "lloyd-max",
];
