/** @file The door for workers: what each of their requests does at the desk. */
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import type { Caller, Denial, PostHandler } from "../../src/network/signed-posts.ts";
import { helloSchema, keepSchema, type SentAnswer, takeSchema } from "../evaluation/messages.ts";
import { parseLosses } from "../evaluation/task.ts";
import type { Desk } from "./desk.ts";
import type { KnownWorker } from "./workers.ts";

/** How long a request for a task is held until there is one; shorter than a worker may be silent. */
const HOLD_MS = 1000;
/** A task may come back without a word: when a lock ends. */
const LOOK_MS = 250;

const MALFORMED: Denial = {
  denied: "malformed-request",
  error: "the request has the wrong shape",
  next: "run the release of the validator",
};
const STRANGER: Denial = {
  denied: "say-hello",
  error: "this validator does not know the worker",
  next: "say hello first",
};
const NO_RUN: Denial = {
  denied: "no-run",
  error: "the validator is in no run, or in another one",
  next: "join again when it is in yours",
};

const refused = (reason: string): Denial => ({
  denied: "refused",
  error: `wrong losses: ${reason}`.slice(0, 200),
  next: "find out what is wrong with its device",
});

/** What a door opens to: the desk of the run that the validator is in, if any. */
type Opened = { readonly desk: () => Desk | null; readonly say: (text: string) => void };

/** A handler that parses its body, and knows the worker. */
function known<S extends z.ZodType<{ readonly name: string }>>(
  { desk }: Opened,
  schema: S,
  handle: (desk: Desk, worker: KnownWorker, body: z.output<S>) => Promise<object | undefined>,
): PostHandler {
  return async ({ hotkey }: Caller, body) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) return MALFORMED;
    const now = desk();
    if (now === null) return NO_RUN;
    const { name } = parsed.data;
    const refusal = now.workers.refusal(hotkey, name);
    if (refusal !== null) return refused(refusal);
    const worker = now.workers.heard(hotkey, name);
    return worker === null ? STRANGER : handle(now, worker, parsed.data);
  };
}

function hello({ desk, say }: Opened): PostHandler {
  return (caller, body) => {
    const parsed = helloSchema.safeParse(body);
    if (!parsed.success) return Promise.resolve(MALFORMED);
    const now = desk();
    const { runId, ...said } = parsed.data;
    if (now === null || now.runId !== runId) return Promise.resolve(NO_RUN);
    const refusal = now.workers.refusal(caller.hotkey, said.name);
    if (refusal !== null) return Promise.resolve(refused(refusal));
    now.workers.add(caller.hotkey, caller.remote, said);
    say(
      `worker ${said.name} joined from ${caller.remote}: ${said.device.replaceAll(/[^\x20-\x7e]/g, "?")}, ${Math.round(said.lossesPerSecond)} losses/s`,
    );
    return Promise.resolve({});
  };
}

/** Every request that the door answers. */
export function handlersOf(opened: Opened): Readonly<Record<string, PostHandler>> {
  return {
    hello: hello(opened),
    keep: known(opened, keepSchema, async (desk, worker, { tokens }) => {
      await desk.keep(worker, tokens);
      return {};
    }),
    take: known(opened, takeSchema, async (desk, worker, body) => {
      const { theta, most, answers, tokens } = body;
      for (const answer of answers) receive(desk, worker, answer);
      void desk.keep(worker, tokens);
      for (const end = performance.now() + HOLD_MS; ;) {
        const handed = await desk.take(worker, theta, most);
        if (handed.length > 0 || most === 0 || performance.now() >= end) return { handed };
        await Promise.race([desk.news(), sleep(LOOK_MS)]);
      }
    }),
  };
}

/** What comes of an answer the worker hears with its next request: checking takes time, and it has other work. */
function receive(desk: Desk, worker: KnownWorker, { id, token, losses, error }: SentAnswer): void {
  if (error === null) void desk.answer(worker, { id, token }, losses && parseLosses(losses));
  else desk.giveUp(worker, { id, token }, error.replaceAll(/[^\x20-\x7e]/g, "?"));
}
