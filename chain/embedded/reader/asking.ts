/** @file Questions that a thread waits for: it stands still until the other one has answered. */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { TryLater } from "../rpc/failure.ts";
import { type AnswerTo, type Failure, type Question, errorFrom, failureFrom } from "./messages.ts";

/** One end of the channel, and the bell that says an answer is there. */
export type AskingEnd = {
  readonly port: MessagePort;
  readonly bell: Int32Array<SharedArrayBuffer>;
};

type Answer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly failure: Failure }
);
type Asked = { readonly id: number; readonly question: Question };

/** A block may be in the making meanwhile. */
const PATIENCE_MS = 5000;
/** Who has no time now has none for so long: hundreds who wait for it would stop this thread by asking, one after the other. */
const BUSY_MS = 10;

/** The end that asks. */
export class Asker {
  readonly #end: AskingEnd;
  #last = 0;
  /** No time before this, and what was said of it. */
  #busy: { readonly until: number; readonly why: string } | null = null;

  constructor(end: AskingEnd) {
    this.#end = end;
  }

  /** @throws what the other end threw, TryLater for a while after that; Error when it says nothing */
  ask<Kind extends keyof AnswerTo>(question: Question & { readonly kind: Kind }): AnswerTo[Kind] {
    if (this.#busy !== null && performance.now() < this.#busy.until)
      throw new TryLater(this.#busy.why);
    try {
      return this.#asked<Kind>(question);
    } catch (error) {
      if (error instanceof TryLater)
        this.#busy = { until: performance.now() + BUSY_MS, why: error.message };
      throw error;
    }
  }

  #asked<Kind extends keyof AnswerTo>(
    question: Question & { readonly kind: Kind },
  ): AnswerTo[Kind] {
    const { port, bell } = this.#end;
    const asked: Asked = { id: ++this.#last, question };
    port.postMessage(asked);
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const heard = Atomics.load(bell, 0);
      const received: { message: Answer & { value: AnswerTo[Kind] } } | undefined =
        receiveMessageOnPort(port);
      if (received === undefined) {
        if (Atomics.wait(bell, 0, heard, end - performance.now()) === "timed-out")
          throw new Error("the chain's thread does not answer");
        continue;
      }
      // The answer to a question that was given up.
      if (received.message.id !== asked.id) continue;
      if ("failure" in received.message) throw errorFrom(received.message.failure);
      return received.message.value;
    }
  }
}

/** Answers the questions that come to this end, until its port closes. */
export function answerQuestions(
  { port, bell }: AskingEnd,
  answer: (question: Question) => unknown,
): void {
  port.on("message", ({ id, question }: Asked) => {
    let given: Answer;
    try {
      given = { id, value: answer(question) };
    } catch (error) {
      given = { id, failure: failureFrom(error) };
    }
    port.postMessage(given);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
}
