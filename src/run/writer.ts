/**
 * @file What a run's model writes, for whoever looks at a node: one text at a time, bounded in length, time and rate. The engine that trains
 * or measures draws the tokens in its own thread, some at a time, so that its work waits for a moment and no longer.
 */
import type { Engine } from "../../kernels/engine/engine.ts";
import type { SampleView, TextView } from "../api/page.ts";
import { TokenStream, type Tokenizer } from "../data/tokenizer.ts";
import { isAssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";

/** A model that can write now. */
export type Model = {
  readonly runId: Hex;
  /** Window whose parameters the engine holds. */
  readonly window: number;
  readonly parameters: number;
  readonly context: number;
  readonly tokenizer: () => Tokenizer;
  readonly engine: Pick<Engine, "sample">;
};

/** Why nothing is written now. */
export type Unwritten = { readonly refused: "busy" | "none" | "bad"; readonly error: string };

/** Most characters of a prompt. */
export const MOST_PROMPT = 400;
const MOST_TOKENS = 200;
const SAMPLE_TOKENS = 120;
/** A text ends when it has taken longer, however short it is. */
const MOST_MS = 2000;
/** Between the end of a text and the next. */
const REST_MS = 1000;
/** Each token is a pass over the whole model: a larger one would keep its node from its work. */
const MOST_PARAMETERS = 50_000_000;
const AT_ONCE = 8;
const TEMPERATURE = 0.7;
const MOST_SAMPLES = 64;
/** Samples of a run begin alike, so that windows can be compared. */
const SAMPLE_PROMPT = "The ";
const SAMPLE_SEED = 1;

const refuse = (refused: Unwritten["refused"], error: string): Unwritten => ({ refused, error });

/** Writes with the model that a node holds. */
export class Writer {
  readonly #model: () => Model | null;
  readonly #now: () => number;
  #isBusy = false;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #runId: Hex | null = null;
  #samples: readonly SampleView[] = [];
  #tokenizer: { readonly runId: Hex; readonly made: Tokenizer } | null = null;

  /** @param now milliseconds of a clock that never goes back */
  constructor(model: () => Model | null, now: () => number = () => performance.now()) {
    this.#model = model;
    this.#now = now;
  }

  /** Continues a prompt of at most MOST_PROMPT characters. */
  async write(prompt: string): Promise<TextView | Unwritten> {
    if (prompt === "" || prompt.length > MOST_PROMPT)
      return refuse("bad", `a prompt has 1 to ${MOST_PROMPT} characters`);
    // Another text each time: whoever asks twice wants to see another.
    return this.#draw(prompt, { tokens: MOST_TOKENS, seed: Math.trunc(this.#now()) });
  }

  /** What the model wrote at the windows at which somebody looked, and at this one. */
  async samples(): Promise<readonly SampleView[] | Unwritten> {
    const model = this.#model();
    if (model === null) return refuse("none", "this node is in no run yet");
    if (model.runId !== this.#runId) this.#samples = [];
    this.#runId = model.runId;
    if (this.#samples.at(-1)?.window === model.window) return this.#samples;
    const drawn = await this.#draw(SAMPLE_PROMPT, { tokens: SAMPLE_TOKENS, seed: SAMPLE_SEED });
    if ("refused" in drawn) return this.#samples.length > 0 ? this.#samples : drawn;
    this.#samples = [...this.#samples.filter(({ window }) => window !== drawn.window), drawn];
    this.#samples = thinned(this.#samples);
    return this.#samples;
  }

  async #draw(
    prompt: string,
    { tokens, seed }: { readonly tokens: number; readonly seed: number },
  ): Promise<TextView | Unwritten> {
    const model = this.#model();
    if (model === null) return refuse("none", "this node is in no run yet");
    if (model.parameters > MOST_PARAMETERS)
      return refuse("none", "this model is too large to write beside its node's work");
    if (this.#isBusy || this.#now() < this.#restsUntil)
      return refuse("busy", "another text is being written");
    this.#isBusy = true;
    try {
      return await this.#drawn(model, { prompt, tokens, seed });
    } catch (error) {
      // A run without a tokenizer reads numbers alone.
      if (isAssayError(error, "bad-option") || isAssayError(error, "tokenizer-invalid"))
        return refuse("bad", error.message);
      throw error;
    } finally {
      this.#isBusy = false;
      this.#restsUntil = this.#now() + REST_MS;
    }
  }

  async #drawn(
    model: Model,
    asked: { readonly prompt: string; readonly tokens: number; readonly seed: number },
  ): Promise<TextView | Unwritten> {
    const { engine, context, window } = model;
    const tokenizer = this.#tokenizerOf(model);
    let seen = tokenizer.encode(asked.prompt).slice(-context);
    if (seen.length === 0) return refuse("bad", "the prompt has no token");
    const stream = new TokenStream(tokenizer);
    const until = this.#now() + MOST_MS;
    let text = "";
    for (let drawn = 0; drawn < asked.tokens && this.#now() < until; drawn += AT_ONCE) {
      const tokens = await engine.sample({
        prompt: seen,
        count: Math.min(AT_ONCE, asked.tokens - drawn),
        temperature: TEMPERATURE,
        seed: (asked.seed + Math.imul(drawn / AT_ONCE, 0x9e3779b9)) >>> 0,
      });
      seen = Int32Array.of(...seen, ...tokens).slice(-context);
      text += stream.push(tokens);
    }
    return { window, prompt: asked.prompt, text: text + stream.end() };
  }

  #tokenizerOf({ runId, tokenizer }: Model): Tokenizer {
    if (this.#tokenizer?.runId !== runId) this.#tokenizer = { runId, made: tokenizer() };
    return this.#tokenizer.made;
  }
}

/** No more than so many: of the older ones every second is left out, the first stays. */
function thinned(samples: readonly SampleView[]): readonly SampleView[] {
  if (samples.length <= MOST_SAMPLES) return samples;
  return samples.filter((_one, at) => at % 2 === 0 || at === samples.length - 1);
}
