/** @file Parameters that people have on disk, in our names or in Hugging Face's, as those of a model. */
import { layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { OUTER_DEFAULT, sharedLayout, withMomentum } from "../../kernels/optim/outer.ts";
import { AssayError } from "../errors.ts";
import { isHuggingFace, thetaFromHuggingFace } from "./hugging-face.ts";
import { namingCheckpoint } from "./safetensors.ts";
import { openWeights, type Weights } from "./weights.ts";

function refuse(reason: string): never {
  throw new AssayError({ code: "checkpoint-invalid", reason });
}

/** What the file holds: parameters, or with an outer momentum behind them. */
async function thetaFromOurs(model: ModelConfig, weights: Weights): Promise<Float32Array> {
  const alone = layoutOf(specsOf(model));
  const whole = withMomentum(alone);
  const found = weights.names.size;
  const { specs, offsets, total } = found === whole.specs.length ? whole : alone;
  if (found !== specs.length) return refuse(`${found} tensors, expected ${specs.length}`);
  const theta = new Float32Array(total);
  for (const [index, { name, shape }] of specs.entries()) {
    const tensor = await weights.read(name);
    if (String(tensor.shape) !== String(shape)) return refuse(`tensor ${name} has another shape`);
    theta.set(tensor.values, offsets[index] ?? 0);
  }
  return theta;
}

/**
 * Flat padded parameters of a model from a safetensors file or a folder with several, in the `sharedLayout` of an outer optimiser; of an
 * outer momentum for which it has no place nothing is taken over, and one that the file lacks is zero.
 * @throws AssayError checkpoint-invalid, naming the path; whatever the system says of a path that cannot be read
 */
export async function importParameters(
  path: string,
  model: ModelConfig,
  optimizer = OUTER_DEFAULT,
): Promise<Float32Array> {
  try {
    const weights = await openWeights(path);
    try {
      const read = isHuggingFace(weights) ? thetaFromHuggingFace : thetaFromOurs;
      const found = await read(model, weights);
      const { total } = sharedLayout(layoutOf(specsOf(model)), optimizer);
      if (found.length === total) return found;
      const theta = new Float32Array(total);
      theta.set(found.subarray(0, total));
      return theta;
    } finally {
      await weights.close();
    }
  } catch (error) {
    throw namingCheckpoint(error, path);
  }
}
