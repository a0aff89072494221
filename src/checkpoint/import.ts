/** @file Parameters that people have on disk, in our names or in Hugging Face's, as those of a model. */
import { layoutOf, type ModelConfig, specsOf } from "../../kernels/nn/model.ts";
import { AssayError } from "../errors.ts";
import { isHuggingFace, thetaFromHuggingFace } from "./hugging-face.ts";
import { namingCheckpoint } from "./safetensors.ts";
import { openWeights, type Weights } from "./weights.ts";

function refuse(reason: string): never {
  throw new AssayError({ code: "checkpoint-invalid", reason });
}

async function thetaFromOurs(model: ModelConfig, weights: Weights): Promise<Float32Array> {
  const { specs, offsets, total } = layoutOf(specsOf(model));
  if (weights.names.size !== specs.length)
    return refuse(`${weights.names.size} tensors, expected ${specs.length}`);
  const theta = new Float32Array(total);
  for (const [index, { name, shape }] of specs.entries()) {
    const tensor = await weights.read(name);
    if (String(tensor.shape) !== String(shape)) return refuse(`tensor ${name} has another shape`);
    theta.set(tensor.values, offsets[index] ?? 0);
  }
  return theta;
}

/**
 * Flat padded parameters of a model from a safetensors file or a folder with several.
 * @throws AssayError checkpoint-invalid, naming the path; whatever the system says of a path that cannot be read
 */
export async function importParameters(path: string, model: ModelConfig): Promise<Float32Array> {
  try {
    const weights = await openWeights(path);
    try {
      return await (isHuggingFace(weights) ? thetaFromHuggingFace : thetaFromOurs)(model, weights);
    } finally {
      await weights.close();
    }
  } catch (error) {
    throw namingCheckpoint(error, path);
  }
}
