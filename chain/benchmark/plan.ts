/** @file At which values of its components a benchmark is measured. */
import { type Benchmark, type Component, type Point } from "./api.ts";

/** What a weight is a sum of: for each term the components that are multiplied with each other; none is the base. */
export type Term = readonly string[];

/** Benchmarks whose cost is a product, by "pallet::name": an epoch's rows times its columns. */
const PRODUCTS: Readonly<Record<string, readonly Term[]>> = {
  "pallet_subtensor_hooks::epoch": [["u"], ["u", "v"]],
};

function productsOf({ pallet, name }: Benchmark): readonly Term[] | undefined {
  return PRODUCTS[`${pallet}::${name}`];
}

/** Terms of a benchmark's weight: the base, then its components or, where it has them, its products. */
export function termsOf(benchmark: Benchmark): Term[] {
  const products = productsOf(benchmark) ?? benchmark.components.map(({ name }) => [name]);
  return [[], ...products];
}

/** `steps` whole numbers from low to high, both among them; fewer where there are not so many. */
function stepsOf({ low, high }: Component, steps: number): number[] {
  const count = Math.max(2, Math.min(steps, high - low + 1));
  const values = Array.from({ length: count }, (_, index) =>
    Math.round(low + ((high - low) * index) / (count - 1)),
  );
  return [...new Set(values)];
}

/** Every combination. */
function grid(components: readonly Component[], steps: number): Point[] {
  let points: Point[] = [{}];
  for (const component of components) {
    const values = stepsOf(component, steps);
    points = points.flatMap((point) =>
      values.map((value) => ({ ...point, [component.name]: value })),
    );
  }
  return points;
}

/** As FRAME: one component after the other goes from low to high, the others stay at their highest. */
function lines(components: readonly Component[], steps: number): Point[] {
  const highest: Point = Object.fromEntries(components.map(({ name, high }) => [name, high]));
  const points = components.flatMap((component) =>
    stepsOf(component, steps).map((value) => ({ ...highest, [component.name]: value })),
  );
  const byText = new Map(points.map((point) => [JSON.stringify(point), point]));
  return components.length === 0 ? [{}] : [...byText.values()];
}

/** Points of a benchmark, each once. */
export function pointsOf(benchmark: Benchmark, steps: number): Point[] {
  const isProduct = productsOf(benchmark) !== undefined;
  return (isProduct ? grid : lines)(benchmark.components, steps);
}
