/** @file The validator's desk as a worker reaches it: one signed request after the other, and what its refusals mean. */
import type { z } from "zod";
import type { RequestSigner } from "../../src/auth/signed-request.ts";
import { AssayError } from "../../src/errors.ts";
import { fetchJson } from "../../src/network/client.ts";
import { type PostPlace, postSigned } from "../../src/network/signed-post.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { aboutSchema, doneSchema, type SentAnswer, takenSchema } from "../evaluation/messages.ts";

/** What a worker says of itself. */
export type Introduction = {
  readonly runId: Hex;
  readonly device: string;
  readonly lossesPerSecond: number;
  readonly memoryBytes: number;
};

/** A task that was handed out. */
export type Handed = z.output<typeof takenSchema>["handed"][number];

const ABOUT = { limitBytes: 4096, timeoutMs: 5000 };
/** Tasks of a model with many tensors, whose norms they name. */
const ANSWER = { limitBytes: 8 << 20, timeoutMs: 10_000 };

/** Asks a URL whose desk it is. @throws AssayError worker-refused, peer-unreachable */
export async function deskAt(
  url: string,
  network: PostPlace["network"],
  signer: RequestSigner,
): Promise<PostPlace> {
  const origin = url.replace(/\/$/, "");
  const about = await fetchJson(`${origin}/work`, aboutSchema, ABOUT);
  if (about === null)
    throw new AssayError({ code: "worker-refused", url, reason: "it lets no workers in" });
  if (about.netuid !== network.netuid || about.genesis !== network.genesis) {
    const reason = `it is on subnet ${about.netuid} of chain ${about.genesis.slice(0, 18)}, this worker on subnet ${network.netuid} of chain ${network.genesis.slice(0, 18)}`;
    throw new AssayError({ code: "worker-refused", url, reason });
  }
  return { origin, network, signer, receiver: about.hotkey };
}

/** A refusal: its code, and the validator's words. */
function refusalOf(error: unknown): { readonly refusal: string; readonly reason: string } | null {
  if (!(error instanceof AssayError) || error.fault.code !== "peer-refused") return null;
  return error.fault;
}

/** Refusals that last: asking again changes nothing. */
const LASTING: ReadonlySet<string> = new Set([
  "refused",
  "not-allowed",
  "wrong-network",
  "malformed-request",
]);

/** A worker's line to one validator. */
export class DeskClient {
  readonly #place: PostPlace;
  readonly #name: string;
  readonly #introduction: () => Introduction;

  constructor(place: PostPlace, name: string, introduction: () => Introduction) {
    this.#place = place;
    this.#name = name;
    this.#introduction = introduction;
  }

  get origin(): string {
    return this.#place.origin;
  }

  /** Says who this worker is. @throws AssayError as #ask */
  async hello(signal: AbortSignal): Promise<void> {
    await this.#ask("hello", { name: this.#name, ...this.#introduction() }, doneSchema, signal);
  }

  /** Hands in answers, says which tasks are still worked on, and asks for at most `most` from `theta`; none where there are none now. */
  async take(
    theta: Hex,
    said: {
      readonly tokens: readonly string[];
      readonly most: number;
      readonly answers: readonly SentAnswer[];
    },
    signal: AbortSignal,
  ): Promise<readonly Handed[]> {
    const body = { name: this.#name, theta, ...said };
    return (await this.#ask("take", body, takenSchema, signal)).handed;
  }

  /** Says that this worker is alive, and what it works on. */
  async keep(tokens: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ask("keep", { name: this.#name, tokens }, doneSchema, signal);
  }

  /**
   * One request; a validator that does not know this worker (it was started again) is told who it is.
   * @throws AssayError worker-refused for good; peer-refused, peer-unreachable, peer-timeout for now
   */
  async #ask<S extends z.ZodType>(
    verb: string,
    body: object,
    schema: S,
    signal: AbortSignal,
  ): Promise<z.output<S>> {
    const limits = { ...ANSWER, signal };
    try {
      return await postSigned(this.#place, { verb, body, schema }, limits);
    } catch (error) {
      const refused = refusalOf(error);
      if (refused !== null && LASTING.has(refused.refusal)) {
        const { reason } = refused;
        const { origin: url } = this.#place;
        throw new AssayError({ code: "worker-refused", url, reason }, { cause: error });
      }
      if (refused?.refusal !== "say-hello") throw error;
      await this.hello(signal);
      return postSigned(this.#place, { verb, body, schema }, limits);
    }
  }
}
