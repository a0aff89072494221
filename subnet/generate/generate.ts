/** @file `subnet generate`: a trained model continues a text. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { engineOptionsOf } from "../../src/run/run.ts";
import { openModel, untilStopped } from "../export/source.ts";
import type { SourceParts } from "../export/trained-model.ts";
import type { TrainedModel } from "../export/trained-model.ts";
import type { GenerateOptions } from "./options.ts";
import { TextStream } from "./printable.ts";

/** Tokens between two looks at the signal; also what a person sees arrive at once. */
const AT_ONCE = 16;

/** Which tokens to draw; `context`: how many the model looks back. */
type Drawing = Pick<GenerateOptions, "count" | "temperature" | "topK" | "seed"> & {
  readonly context: number;
};

/**
 * Tokens that continue a prompt, some at a time. The same prompt, drawing and parameters give the same tokens on one
 * kind of machine.
 */
async function* drawTokens(
  engine: Pick<Engine, "sample">,
  prompt: Uint8Array,
  { context, count, temperature, topK, seed }: Drawing,
): AsyncGenerator<Int32Array> {
  let window = Int32Array.from(prompt);
  for (let drawn = 0; drawn < count; drawn += AT_ONCE) {
    const tokens = await engine.sample({
      prompt: window,
      count: Math.min(AT_ONCE, count - drawn),
      temperature,
      ...(topK > 0 && { topK }),
      // Each part has draws of its own: with one seed for all they would repeat.
      seed: (seed + Math.imul(drawn / AT_ONCE, 0x9e3779b9)) >>> 0,
    });
    window = Int32Array.of(...window, ...tokens).slice(-context);
    yield tokens;
  }
}

function reportOf(
  { runId, window, thetaDigest }: TrainedModel,
  { prompt, count, temperature, topK, seed }: GenerateOptions,
  text: string,
): string {
  const about = { runId, window, thetaDigest };
  return JSON.stringify({ ...about, prompt, count, temperature, topK, seed, text });
}

/** Where the text goes, and the lines for people. */
export type GeneratePrinters = {
  readonly print: (text: string) => void;
  readonly step: (line: string) => void;
};

/** Finds the model and prints the prompt with what follows, as it is drawn. */
async function generate(
  options: GenerateOptions,
  parts: SourceParts & GeneratePrinters,
): Promise<void> {
  const model = await openModel(options, parts);
  const { manifest, theta } = model;
  const engine = await startEngine({ ...engineOptionsOf(manifest), batch: 1, device: "cpu" });
  const stream = new TextStream();
  const drawing = { ...options, context: manifest.model.context };
  try {
    await engine.setParameters(theta);
    const prompt = Buffer.from(options.prompt);
    let text = "";
    const add = (tokens: Int32Array): void => {
      const more = stream.push(tokens);
      text += more;
      if (!options.json) parts.print(more);
    };
    add(Int32Array.from(prompt));
    for await (const tokens of drawTokens(engine, prompt, drawing)) {
      parts.signal.throwIfAborted();
      add(tokens);
    }
    text += stream.end();
    parts.print(options.json ? `${reportOf(model, options, text)}\n` : "\n");
  } finally {
    await engine.close();
  }
}

/** Runs `subnet generate`. @throws AssayError, ChainError, KernelError */
export async function runGenerate(
  options: GenerateOptions,
  printers: GeneratePrinters,
): Promise<void> {
  await untilStopped((signal) => generate(options, { ...printers, signal }));
}
