/** @file Continues a text: one forward pass and one draw a token. */
import { KernelError } from "../errors.ts";
import type { ModelConfig } from "../nn/model.ts";
import { NAMES } from "../nn/programs.ts";
import { type Uint32Stream, uint32Stream, uniform } from "../random.ts";
import type { SampleRequest } from "./calls.ts";
import { type Bound, floats, integers, type Session } from "./session.ts";

/** How a token is chosen; see SampleRequest. */
type Choice = { readonly temperature: number; readonly topK?: number | undefined };

/** All ids but those of the `topK` largest logits; of equal logits the lower id is larger. */
function unlikely(logits: Float32Array, topK: number): Uint32Array {
  const ranked = Uint32Array.from(logits.keys()).toSorted(
    (a, b) => logits[b]! - logits[a]! || a - b,
  );
  return ranked.subarray(topK);
}

/**
 * A token drawn with probability softmax(logits / temperature) among the topK likeliest (default: all); at temperature 0 the
 * likeliest, the lowest id on a tie. Takes one number from `draw`, none at temperature 0.
 * Not consensus: Math.exp may differ in its last bits between machines.
 * @throws KernelError not-finite if a logit is NaN or the largest is infinite
 */
export function drawToken(
  logits: Float32Array,
  { temperature, topK }: Choice,
  draw: Uint32Stream,
): number {
  const highest = logits.reduce((best, x) => Math.max(best, x), -Infinity);
  if (!Number.isFinite(highest))
    throw new KernelError("not-finite", "a logit is not finite; sample from an earlier checkpoint");
  if (temperature === 0) return logits.indexOf(highest);
  const shares = Float64Array.from(logits, (x) => Math.exp((x - highest) / temperature));
  if (topK !== undefined && topK < logits.length)
    for (const id of unlikely(logits, topK)) shares[id] = 0;
  let rest = uniform(draw) * shares.reduce((sum, share) => sum + share, 0);
  for (let id = 0; id < shares.length; id++) {
    rest -= shares[id]!;
    if (rest < 0) return id;
  }
  return logits.indexOf(highest);
}

/** What is wrong with a request, its token ids aside; undefined if nothing is. */
function faultOf({
  prompt,
  count,
  temperature = 1,
  topK = 1,
  seed,
}: SampleRequest): string | undefined {
  if (prompt.length === 0) return "a prompt needs at least one token";
  if (!Number.isSafeInteger(count) || count < 0)
    return `count must be a whole number, 0 or more, not ${count}`;
  if (!Number.isFinite(temperature) || temperature < 0)
    return `temperature must be 0 or more, not ${temperature}`;
  if (!Number.isSafeInteger(topK) || topK < 1)
    return `topK must be a whole number, 1 or more, not ${topK}`;
  return Number.isSafeInteger(seed) ? undefined : `seed must be a whole number, not ${seed}`;
}

/** The graph that gives the logits of one position, with its arrays. */
export class Sampler {
  readonly #context: number;
  readonly #session: Session;
  readonly #ids: Int32Array;
  readonly #position = new Int32Array(1);
  readonly #logits: Float32Array;
  readonly #tokens: Bound;
  readonly #outputs: Bound;

  /** @param session of the sampling graph, which it closes */
  constructor({ context, vocabulary }: ModelConfig, session: Session) {
    this.#context = context;
    this.#session = session;
    this.#ids = new Int32Array(context);
    this.#logits = new Float32Array(vocabulary);
    this.#tokens = {
      [NAMES.ids]: integers(this.#ids),
      [NAMES.position]: integers(this.#position),
    };
    this.#outputs = { [NAMES.logits]: floats(this.#logits, [1, vocabulary]) };
  }

  /**
   * The tokens that continue a prompt under `parameters`. Its ids must be those of the vocabulary.
   * @throws KernelError bad-argument, not-finite
   */
  async sample(request: SampleRequest, parameters: Bound): Promise<Int32Array> {
    const fault = faultOf(request);
    if (fault !== undefined) throw new KernelError("bad-argument", fault);
    const { prompt, count, temperature = 1, topK, seed } = request;
    const draw = uint32Stream(seed);
    const text = [...prompt.subarray(-this.#context)];
    const drawn = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      await this.#read(text.slice(-this.#context), parameters);
      drawn[i] = drawToken(this.#logits, { temperature, topK }, draw);
      text.push(drawn[i]!);
    }
    return drawn;
  }

  /** Frees the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  /** Logits of the token after `window`, which is no longer than the context. */
  async #read(window: readonly number[], parameters: Bound): Promise<void> {
    this.#ids.fill(0);
    this.#ids.set(window);
    this.#position[0] = window.length - 1;
    await this.#session.run([this.#tokens, parameters], this.#outputs);
  }
}
