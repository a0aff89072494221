/** @file The ways to train that are compared, and the settings that each is swept over: 16 apiece, the baseline as well. */

/** Settings of one training run. What an arm does not read, it leaves out. */
export type Setting = {
  /** Peak of the inner learning rate. */
  readonly rate: number;
  readonly alpha?: number;
  readonly momentum?: number;
  /** Decay of the error feedback. */
  readonly decay?: number;
  /** Coordinates kept of 4,096. */
  readonly k?: number;
};

/** How the miners' work becomes one. `average` and `diloco` are rivals: float32, uncompressed, averaged by the bench itself. */
type Method = "synchronous" | "sparseloco" | "diloco-2bit" | "demo" | "average" | "diloco";

/** A way to train: `inner` inner steps between two outer steps. */
export type Arm = {
  readonly name: string;
  readonly method: Method;
  readonly inner: number;
  readonly settings: readonly Setting[];
};

/** Steps of inner optimiser of a run that chooses settings, and of one that counts. */
export const SWEEP_STEPS = 600;
export const FINAL_STEPS = 2400;
/** Seed of the sweep, and of the runs that count: other data, other first parameters. */
export const SWEEP_SEED = 1;
export const FINAL_SEEDS = [11, 12, 13] as const;
export const MINERS = 4;
export const CHUNK = 4096;

/**
 * Coordinates kept of 4,096 by the steps between two outer steps: windows * k / 4096 >= 2 (docs/convergence) in the sweep already, so that what
 * it chooses holds in the longer run, too.
 */
const KEPT: ReadonlyMap<number, number> = new Map([
  [5, 128],
  [10, 256],
  [30, 512],
  [50, 1024],
]);

function product(...axes: readonly (readonly Partial<Setting>[])[]): Setting[] {
  let settings: Setting[] = [{ rate: 0 }];
  for (const axis of axes)
    settings = axis.flatMap((one) => settings.map((setting) => ({ ...setting, ...one })));
  return settings;
}

const rates = (...values: readonly number[]): Partial<Setting>[] =>
  values.map((rate) => ({ rate }));
const alphas = (...values: readonly number[]): Partial<Setting>[] =>
  values.map((alpha) => ({ alpha }));
const momenta = (...values: readonly number[]): Partial<Setting>[] =>
  values.map((momentum) => ({ momentum }));
const decays = (...values: readonly number[]): Partial<Setting>[] =>
  values.map((decay) => ({ decay }));

/** A third of an octave apart. */
const FINE_RATES = Array.from({ length: 16 }, (_, i) =>
  Number((0.001 * 2 ** (i / 3)).toPrecision(3)),
);

function sparse(inner: number): Arm {
  const k = KEPT.get(inner) ?? CHUNK;
  const grid = product(rates(0.004, 0.008, 0.012, 0.016), alphas(0.7, 1), decays(0.5, 0.9), [
    { k },
  ]);
  return { name: `sparseloco-${inner}`, method: "sparseloco", inner, settings: grid };
}

function average(inner: number): Arm {
  const grid = product(
    rates(0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012, 0.016),
    alphas(0.7, 1),
  );
  return { name: `average-${inner}`, method: "average", inner, settings: grid };
}

function diloco(inner: number): Arm {
  const grid = product(rates(0.002, 0.004, 0.008, 0.012), alphas(0.3, 0.7), momenta(0.6, 0.9));
  return { name: `diloco-${inner}`, method: "diloco", inner, settings: grid };
}

function packed(inner: number): Arm {
  const grid = product(rates(0.002, 0.004, 0.008, 0.012), alphas(0.3, 0.7), momenta(0.6, 0.9), [
    { k: CHUNK, decay: 0.5 },
  ]);
  return { name: `diloco-2bit-${inner}`, method: "diloco-2bit", inner, settings: grid };
}

function demo(inner: number): Arm {
  const grid = product(rates(0.004, 0.008), alphas(0.001, 0.002, 0.004, 0.008), decays(0.5, 0.9), [
    { k: KEPT.get(inner) ?? CHUNK },
  ]);
  return { name: `demo-${inner}`, method: "demo", inner, settings: grid };
}

/** All arms, in the order in which they are run: what goals need first. */
export const ARMS: readonly Arm[] = [
  {
    name: "synchronous",
    method: "synchronous",
    inner: 1,
    settings: FINE_RATES.map((rate) => ({ rate })),
  },
  sparse(5),
  average(5),
  diloco(5),
  sparse(10),
  average(10),
  diloco(10),
  sparse(30),
  diloco(30),
  demo(10),
  packed(30),
  average(30),
  sparse(50),
  diloco(50),
];

/** Arm whose best setting is run again at other k, and those k: the curve over compression. */
export const CURVE = { arm: "sparseloco-10", kept: [4096, 1024, 128, 64, 32, 16] } as const;
