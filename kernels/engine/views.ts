/** @file The state as onnxruntime sees it: tensors over its vectors, and what programs in place take of them beside whole tensors. */
import type { ModelConfig } from "../nn/model.ts";
import { headBlocks, type InPlace, NAMES } from "../nn/programs.ts";
import { headOf } from "../nn/transformer.ts";
import { type Bound, floats, viewsOf } from "./session.ts";
import type { VectorName } from "./shard.ts";
import type { FlatState } from "./state.ts";

/** Every tensor of a vector in place, under the name that `rename` gives it. */
function boundOf(state: FlatState, name: VectorName, rename?: (tensor: string) => string): Bound {
  const bounds = state.shards.map((shard) => viewsOf(shard[name].view, shard.slice.layout, rename));
  return Object.assign({}, ...bounds);
}

/** A tensor of a vector by its name. */
function tensorOf(state: FlatState, vector: VectorName, tensor: string): Float32Array {
  const index = state.layout.specs.findIndex(({ name }) => name === tensor);
  return state.tensor(vector, index);
}

/** The blocks of the head in a vector, under the names that `rename` gives them. */
function blocksOf(
  state: FlatState,
  vector: VectorName,
  { config, inPlace, rename = (name) => name }: Model & { rename?: (block: string) => string },
): Bound {
  const { width } = config;
  const head = tensorOf(state, vector, headOf(config));
  return Object.fromEntries(
    headBlocks(config, inPlace).map(({ name, start, rows }) => [
      rename(name),
      floats(head.subarray(start * width, (start + rows) * width), [rows, width]),
    ]),
  );
}

type Model = { readonly config: ModelConfig; readonly inPlace?: InPlace };

/** What a program in place reads of a vector of parameters. */
export function parametersInPlace(state: FlatState, vector: VectorName, model: Model): Bound {
  const { vocabulary, width } = model.config;
  const table = tensorOf(state, vector, "embedding");
  return {
    ...boundOf(state, vector),
    ...blocksOf(state, vector, model),
    [NAMES.table]: floats(table, [vocabulary, width]),
  };
}

/** Where a training program in place writes a gradient. @param rows takes that of the rows that tokens look up */
export function gradientInPlace(
  state: FlatState,
  vector: VectorName,
  { rows, ...model }: Model & { readonly rows: Float32Array },
): Bound {
  const { width } = model.config;
  const rename = NAMES.gradient;
  return {
    ...boundOf(state, vector, rename),
    ...blocksOf(state, vector, { ...model, rename }),
    [NAMES.rows]: floats(rows, [rows.length / width, width]),
  };
}

/**
 * Completes a gradient that a program in place has written: adds that of the looked-up rows to the embedding's, token after token.
 * @param ids the tokens, as many as there are rows
 */
export function addRows(
  state: FlatState,
  vector: VectorName,
  { config, ids, rows }: Model & { readonly ids: Int32Array; readonly rows: Float32Array },
): void {
  const { width } = config;
  const table = tensorOf(state, vector, "embedding");
  // A head of its own has its own gradient; nothing has written the embedding's then.
  if (headOf(config) !== "embedding") table.fill(0);
  for (let token = 0; token < ids.length; token++) {
    const [to, from] = [ids[token]! * width, token * width];
    for (let i = 0; i < width; i++) table[to + i]! += rows[from + i]!;
  }
}
