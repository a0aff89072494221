/** @file The Rust file of a pallet's weights: written from lines, and read again for what it declares. */
import { type Benchmark, type Point } from "./api.ts";
import { type Line, termAt } from "./fit.ts";
import { type Term, termsOf } from "./plan.ts";

/** Declared is this often what was measured: machines are slower than ours, and noise must not make a weight too small. */
const MARGIN = 2;
const PS_PER_NS = 1000;
/** The base is declared in whole microseconds, so that a file changes only when a cost does. */
const BASE_UNIT_PS = 1_000_000;

/** The trait of a pallet of ours: its file defines it. */
const OWN_TRAIT = "WeightInfo";
const WRITTEN_BY = "Written by `npm run chain:benchmark`";

/** Whether a file is one of these, or is there to be replaced by one. */
export function isWeightFile(text: string): boolean {
  return text.includes(WRITTEN_BY);
}

/** Picoseconds by term. */
export type Declared = { readonly terms: readonly Term[]; readonly ps: readonly number[] };

/** A function of a weight file. `kept` says why it was not measured; without `declared` it is the SDK's own then. */
export type WeightFunction = {
  readonly benchmark: Benchmark;
  readonly declared?: Declared;
  readonly kept?: string;
};

/** Where a pallet's weights go, and by which trait they are known. */
export type WeightFile = {
  /** From chain/. */
  readonly path: string;
  /** Path of the trait that is implemented; null when the file defines it itself. */
  readonly trait: string | null;
  /** Without `AssayWeight`: only `()` implements the file's trait. */
  readonly isPart?: true;
  readonly functions: readonly WeightFunction[];
};

/** What is said at the top of each file. */
export type Origin = {
  readonly machine: string;
  readonly engine: string;
  readonly effort: string;
};

/** Twice a line, in whole picoseconds; less what others declare for a part of it. */
export function declare(benchmark: Benchmark, line: Line, elsewhereNs = 0): Declared {
  const ps = line.map((ns, index) => {
    const exact = Math.ceil(ns * MARGIN * PS_PER_NS);
    if (index > 0) return exact;
    const left = Math.max(0, exact - elsewhereNs * PS_PER_NS);
    return Math.ceil(left / BASE_UNIT_PS) * BASE_UNIT_PS;
  });
  return { terms: termsOf(benchmark), ps };
}

/** Nanoseconds that are declared at a point. */
export function declaredNs({ terms, ps }: Declared, point: Point): number {
  const total = terms.reduce((sum, term, i) => sum + (ps[i] ?? 0) * termAt(term, point), 0);
  return total / PS_PER_NS;
}

const grouped = (value: number): string => String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, "_");

function parameters({ components }: Benchmark, used: (name: string) => boolean): string {
  return components.map(({ name }) => `${used(name) ? "" : "_"}${name}: u32`).join(", ");
}

function bodyOf({ terms, ps }: Declared): string[] {
  const parts = terms.flatMap((term, index) => {
    const value = ps[index] ?? 0;
    if (index === 0 || value === 0) return [];
    const times = term.map((name) => `.saturating_mul(${name}.into())`).join("");
    return [`            .saturating_add(Weight::from_parts(${grouped(value)}, 0)${times})`];
  });
  const base = `Weight::from_parts(${grouped(ps[0] ?? 0)}, 0)`;
  return [`        ${base}`, ...parts];
}

function usesOf({ terms, ps }: Declared): (name: string) => boolean {
  return (name) => terms.some((term, index) => term.includes(name) && (ps[index] ?? 0) > 0);
}

function measuredFunction({ benchmark, declared }: WeightFunction & { declared: Declared }) {
  const head = `    fn ${benchmark.name}(${parameters(benchmark, usesOf(declared))}) -> Weight {`;
  return [head, ...bodyOf(declared), "    }"];
}

function delegate(benchmark: Benchmark, to: string): string[] {
  const names = benchmark.components.map(({ name }) => name).join(", ");
  return [
    `    fn ${benchmark.name}(${parameters(benchmark, () => true)}) -> Weight {`,
    `        ${to}::${benchmark.name}(${names})`,
    "    }",
  ];
}

/** @throws Error for a function of ours that nobody ever measured */
function functionOf(item: WeightFunction, trait: string): string[] {
  const { benchmark, declared, kept } = item;
  const reason = kept === undefined ? [] : [`    // Not measured: ${kept}`];
  if (declared !== undefined) return [...reason, ...measuredFunction({ ...item, declared })];
  if (trait === OWN_TRAIT)
    throw new Error(`${benchmark.pallet}::${benchmark.name} was never measured: ${kept ?? ""}`);
  return [...reason, ...delegate(item.benchmark, `<() as ${trait}>`)];
}

function header(origin: Origin, pallet: string): string[] {
  return [
    `//! Weights of \`${pallet}\`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.`,
    "//!",
    "//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read",
    "//! or a write costs what it took, hashing the state root included, and no database weight comes on top.",
    "//!",
    `//! ${WRITTEN_BY}: change the benchmarks, not this file.`,
    `//! Machine: ${origin.machine}; ${origin.engine}; ${origin.effort}.`,
  ];
}

/** A file for a pallet of the SDK: its trait for `AssayWeight`. */
function foreignFile(file: WeightFile, trait: string): string[] {
  return [
    "use core::marker::PhantomData;",
    "use frame_support::weights::Weight;",
    "",
    "/// What was measured here.",
    "pub struct AssayWeight<T>(PhantomData<T>);",
    "",
    `impl<T: frame_system::Config> ${trait} for AssayWeight<T> {`,
    ...file.functions.flatMap((one) => functionOf(one, trait)),
    "}",
  ];
}

function ownWeight({ functions }: WeightFile): string[] {
  return [
    "/// What was measured here.",
    "pub struct AssayWeight<T>(PhantomData<T>);",
    "",
    "impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {",
    ...functions.flatMap(({ benchmark }) => delegate(benchmark, "<() as WeightInfo>")),
    "}",
    "",
    "// For tests.",
  ];
}

/** A file for a pallet of ours: trait, weights, and the same for tests. */
function ownFile(file: WeightFile): string[] {
  const signatures = file.functions.map(({ benchmark }) => {
    const named = parameters(benchmark, () => true);
    return `    fn ${benchmark.name}(${named}) -> Weight;`;
  });
  return [
    "#![allow(missing_docs)]",
    ...(file.isPart === true ? [] : ["use core::marker::PhantomData;", ""]),
    "use frame_support::weights::Weight;",
    "",
    "/// What is declared.",
    "pub trait WeightInfo {",
    ...signatures,
    "}",
    "",
    ...(file.isPart === true ? [] : ownWeight(file)),
    "impl WeightInfo for () {",
    ...file.functions.flatMap((one) => functionOf(one, OWN_TRAIT)),
    "}",
  ];
}

/** The whole file. */
export function writeWeightFile(file: WeightFile, origin: Origin): string {
  const pallet = file.functions[0]?.benchmark.pallet ?? "";
  const body = file.trait === null ? ownFile(file) : foreignFile(file, file.trait);
  return `${[...header(origin, pallet), ...body].join("\n")}\n`;
}

const FUNCTION = /fn (\w+)\([^)]*\) -> Weight \{\n\s+Weight::from_parts\(([\d_]+), 0\)([^}]*)\}/g;
const PART = /Weight::from_parts\(([\d_]+), 0\)((?:\s*\.saturating_mul\(\w+\.into\(\)\))+)/g;

const numberOf = (digits: string | undefined): number => Number((digits ?? "").replaceAll("_", ""));

/** What a weight file declares, by function; functions that keep another's weight are left out. */
export function readWeightFile(text: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  for (const [, name = "", base, rest = ""] of text.matchAll(FUNCTION)) {
    const parts = [...rest.matchAll(PART)].map(([, ps, times = ""]) => ({
      ps: numberOf(ps),
      term: [...times.matchAll(/\((\w+)\.into/g)].map(([, letter = ""]) => letter),
    }));
    const terms = [[], ...parts.map(({ term }) => term)];
    found.set(name, { terms, ps: [numberOf(base), ...parts.map(({ ps }) => ps)] });
  }
  return found;
}
