/** @file An axon that answers signed questions of registered hotkeys, in JSON (`{"answer": ...}`). Nobody else costs it more than a refusal. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Hex } from "../protocol/digest.ts";
import { Bounds } from "./bounds.ts";
import { type Axon, boundedServer, listening } from "./listening.ts";
import { type Gate, type NetworkParams, proven, refuse } from "./proof.ts";
import { type AxonOptions } from "./server.ts";

/** Who asks: a registered hotkey that signed this very request. `signal` aborts when the time to answer is over. */
export type Caller = { readonly hotkey: Hex; readonly signal: AbortSignal };

/** A kind of question. */
export type Question = {
  /** What answers it once it is parsed; null where it has another shape. */
  read(asked: unknown): ((caller: Caller) => unknown) | null;
};

/** What is answered. */
export type Answers = {
  /** By the last part of the path. */
  readonly questions: Readonly<Record<string, Question>>;
  /** What anybody may read at `GET /status`; the hotkey proves that the published address leads here. */
  readonly status: () => { readonly hotkey: Hex };
  /** Whether a hotkey had a validator's permit in the last epoch; without it nobody has. */
  readonly isValidator?: (hotkey: Hex) => boolean;
  /** Told of an answer that failed: the caller learns only that it did. */
  readonly failed: (verb: string, error: unknown) => void;
};

/** What an answer may take. */
export type AnswerLimits = { readonly bodyBytes: number; readonly answerMs: number };

/** Room for a page of text, and for what a small model takes to answer it. */
export const ANSWER_LIMITS: AnswerLimits = { bodyBytes: 64 * 1024, answerMs: 12_000 };

/** Answers under way at once: of a hotkey, of all, and of those without a permit: rivals must not keep validators out. */
const AT_ONCE = { perHotkey: 4, total: 64, unpermitted: 32 } as const;

/** Thrown by an answer to say no; the caller reads the reason. */
export class Denied extends Error {
  override readonly name = "Denied";
}

/** A question with its types: what is asked is parsed by `schema` before `answer` sees it. */
export function question<S extends z.ZodType>(
  schema: S,
  answer: (asked: z.output<S>, caller: Caller) => unknown,
): Question {
  return {
    read(value) {
      const parsed = schema.safeParse(value);
      return parsed.success ? (caller) => answer(parsed.data, caller) : null;
    },
  };
}

type Route = { readonly Params: NetworkParams & { readonly verb: string } };
type At = { readonly request: FastifyRequest<Route>; readonly reply: FastifyReply };

/** The path of a question: netuid and genesis are in it, so that its signature means nothing on another network. */
export function questionPath(
  { netuid, genesis }: { readonly netuid: number; readonly genesis: Hex },
  verb: string,
): string {
  return `/peers/${netuid}/${genesis}/ask/${verb}`;
}

/** Counts what is under way, so that one caller cannot take all the places. */
class Places {
  readonly #taken = new Map<Hex, number>();
  #all = 0;

  take(hotkey: Hex, isValidator: boolean): boolean {
    const own = this.#taken.get(hotkey) ?? 0;
    const most = isValidator ? AT_ONCE.total : AT_ONCE.unpermitted;
    if (own >= AT_ONCE.perHotkey || this.#all >= most) return false;
    this.#taken.set(hotkey, own + 1);
    this.#all++;
    return true;
  }

  leave(hotkey: Hex): void {
    const own = (this.#taken.get(hotkey) ?? 1) - 1;
    if (own === 0) this.#taken.delete(hotkey);
    else this.#taken.set(hotkey, own);
    this.#all--;
  }
}

const bytesOf = (body: unknown): Uint8Array => (Buffer.isBuffer(body) ? body : new Uint8Array());

/** What answers the question in a body; null for what is no JSON, or of another shape. */
function answerTo(body: Uint8Array, asking: Question): ReturnType<Question["read"]> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return asking.read(value);
  } catch {
    return null;
  }
}

/** Waits for an answer, but no longer than it may take. */
async function inTime(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const over = (): void => reject(signal.reason);
  signal.addEventListener("abort", over, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", over);
  }
}

/** Answers one proven caller. */
async function answered(
  { request, reply }: At,
  answer: (caller: Caller) => unknown,
  { hotkey, answers, answerMs, places }: Asking,
): Promise<FastifyReply> {
  const signal = AbortSignal.timeout(answerMs);
  try {
    const work = Promise.resolve().then(() => answer({ hotkey, signal }));
    // Its place is taken for as long as it works, also when nobody waits for it any more.
    work.catch(() => undefined).finally(() => places.leave(hotkey));
    const found = await inTime(work, signal);
    return await reply.type("application/json").send(JSON.stringify({ answer: found ?? null }));
  } catch (error) {
    if (error instanceof Denied)
      return reply.code(403).send({
        refusal: "denied",
        error: error.message.slice(0, 200),
        next: "ask for something else",
        clockMs: Date.now(),
      });
    answers.failed(request.params.verb, error);
    const isLate = signal.aborted;
    return reply.code(isLate ? 504 : 500).send({ error: isLate ? "took too long" : "failed" });
  }
}

type Asking = {
  readonly hotkey: Hex;
  readonly answers: Answers;
  readonly answerMs: number;
  readonly places: Places;
};

/** `POST /peers/<netuid>/<genesis>/ask/<verb>`, signed by a registered hotkey. */
function askRoute(
  server: FastifyInstance,
  answers: Answers,
  {
    bounds,
    gate,
    answerMs,
  }: { readonly bounds: Bounds; readonly gate: Gate; readonly answerMs: number },
): void {
  const places = new Places();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  server.post<Route>("/peers/:netuid/:genesis/ask/:verb", async (request, reply) => {
    const at = { request, reply };
    const body = bytesOf(request.body);
    const found = proven(gate, request, body);
    if (!("hotkey" in found)) return refuse(at, found.refusal, bounds);
    const { hotkey } = found;
    if (!bounds.admit(request, hotkey)) return refuse(at, "too-many-requests", bounds);
    const { verb } = request.params;
    const asking = Object.hasOwn(answers.questions, verb) ? answers.questions[verb] : undefined;
    if (asking === undefined) return reply.code(404).send({ error: "no such question" });
    const answer = answerTo(body, asking);
    if (answer === null) return reply.code(400).send({ error: "the question has another shape" });
    if (!places.take(hotkey, answers.isValidator?.(hotkey) ?? false))
      return refuse(at, "too-many-requests", bounds);
    bounds.wait(request, answerMs);
    try {
      return await answered(at, answer, { hotkey, answers, answerMs, places });
    } finally {
      bounds.wait(request, 0);
    }
  });
}

/**
 * Serves answers to the hotkeys that the gate knows.
 * @throws AssayError port-in-use, port-privileged, address-foreign, host-unknown
 */
export async function serveAnswers(
  answers: Answers,
  { host, port, peersAt = () => 0, gate }: AxonOptions & { readonly gate: Gate },
  { bodyBytes, answerMs }: AnswerLimits = ANSWER_LIMITS,
): Promise<Axon> {
  const bounds = new Bounds(peersAt, gate.isPeer);
  const server = boundedServer(bounds, bodyBytes);
  server.get("/status", () => answers.status());
  askRoute(server, answers, { bounds, gate, answerMs });
  return listening(server, { host, port });
}
