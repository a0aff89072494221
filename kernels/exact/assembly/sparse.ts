/** @file Sparse updates against dense tensors: `x` is the tensor's first byte, indices are checked by the caller. */

/** values[i] = x[indices[i]]. */
export function gather(x: usize, indices: usize, length: u32, values: usize): void {
  for (let n = length; n > 0; n--) {
    store<f32>(values, load<f32>(x + (<usize>load<u32>(indices) << 2)));
    indices += 4;
    values += 4;
  }
}

/** x[indices[i]] += values[i]. */
export function addAt(x: usize, indices: usize, values: usize, length: u32): void {
  for (let n = length; n > 0; n--) {
    const at = x + (<usize>load<u32>(indices) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(values));
    indices += 4;
    values += 4;
  }
}

/** x[indices[i]] -= values[i]. */
export function subtractAt(x: usize, indices: usize, values: usize, length: u32): void {
  for (let n = length; n > 0; n--) {
    const at = x + (<usize>load<u32>(indices) << 2);
    store<f32>(at, load<f32>(at) - load<f32>(values));
    indices += 4;
    values += 4;
  }
}

/** x[indices[i]] = f32(x[indices[i]] - f32(factor * values[i])). */
export function stepAt(x: usize, indices: usize, values: usize, length: u32, factor: f32): void {
  for (let n = length; n > 0; n--) {
    const at = x + (<usize>load<u32>(indices) << 2);
    store<f32>(at, load<f32>(at) - factor * load<f32>(values));
    indices += 4;
    values += 4;
  }
}
