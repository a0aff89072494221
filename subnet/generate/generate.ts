/** @file `subnet generate`: a trained model continues a text. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { engineOptionsOf } from "../../src/run/run.ts";
import { openModel, untilStopped } from "../export/source.ts";
import type { SourceParts } from "../export/trained-model.ts";
import type { TrainedModel } from "../export/trained-model.ts";
import type { GenerateOptions } from "./options.ts";
import { readTokenizerFile, TokenStream, tokenizerOf } from "../../src/data/tokenizer.ts";
import { printable } from "./printable.ts";

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
  prompt: Int32Array,
  { context, count, temperature, topK, seed }: Drawing,
): AsyncGenerator<Int32Array> {
  let window = prompt.slice(-context);
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
  readonly far?: SourceParts["far"];
};

/** Finds the model and prints the prompt with what follows, as it is drawn. */
async function generate(
  options: GenerateOptions,
  parts: SourceParts & GeneratePrinters,
): Promise<void> {
  const model = await openModel(options, parts);
  const { manifest, theta, tokenizerFile } = model;
  const { kind } = manifest.tokenizer;
  const { vocabulary } = manifest.model;
  const named =
    options.tokenizer === undefined ? tokenizerFile : readTokenizerFile(options.tokenizer);
  const tokenizer = tokenizerOf({ kind, vocabulary, file: named });
  const prompt = tokenizer.encode(options.prompt);
  const engine = await startEngine({ ...engineOptionsOf(manifest), batch: 1, device: "cpu" });
  const stream = new TokenStream(tokenizer);
  const drawing = { ...options, context: manifest.model.context };
  try {
    await engine.setParameters(theta);
    let text = "";
    const add = (tokens: Int32Array): void => {
      const more = printable(stream.push(tokens));
      text += more;
      if (!options.json) parts.print(more);
    };
    add(prompt);
    for await (const tokens of drawTokens(engine, prompt, drawing)) {
      parts.signal.throwIfAborted();
      add(tokens);
    }
    const last = printable(stream.end());
    const whole = text + last;
    parts.print(options.json ? `${reportOf(model, options, whole)}\n` : `${last}\n`);
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
