/** @file A desk whose engine measures by a simple rule, for the tests of what goes wrong around it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Signer } from "../../../../chain/wallet/signer.ts";
import type { Engine } from "../../../../kernels/engine/engine.ts";
import type { PairedLosses } from "../../../../src/gauntlet/loss-score.ts";
import type { SparseUpdate } from "../../../../src/protocol/codec.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import type { BlockClock } from "../../../../src/run/block-clock.ts";
import type { Run } from "../../../../src/run/run.ts";
import { Desk } from "../../../../validator/desk/desk.ts";
import type { LineQueue } from "../../../../validator/desk/line.ts";
import type { WindowFacts } from "../../../../validator/evaluation/bench.ts";
import type { Task } from "../../../../validator/evaluation/task.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";

/** A digest of one byte, repeated. */
export const hex = (byte: string): Hex => `0x${byte.repeat(32)}`;
export const [RUN, THETA, OWN] = [hex("0a"), hex("0b"), hex("0c")];
const SEQUENCES = 8;
const { context } = EXAMPLE_MANIFEST.model;

/** Losses by rule: sequence n costs n + 1, an update of `uid` takes a share of it away. */
export const truth = (
  uid: number,
  places = Array.from({ length: SEQUENCES }, (_, at) => at),
): PairedLosses => ({
  before: places.map((at) => at + 1),
  after: places.map((at) => (at + 1) * (1 - uid / 100)),
});

const updateOf = (uid: number): SparseUpdate => [
  { indices: Uint32Array.of(uid), values: Float32Array.of(1) },
];

/** A task for an update of a uid. */
export const task = (uid: number): Task => ({
  window: 3,
  uid,
  hotkey: hex("10"),
  payload: hex("11"),
  theta: THETA,
  rules: hex("12"),
  factor: 0.5,
  usual: [1],
  pages: { kind: "noise" },
});

/** A desk, and what a test asks of it. */
export type DeskScene<Q> = {
  readonly desk: Desk;
  readonly queue: Q;
  readonly said: readonly string[];
  readonly block: { number: number };
  readonly measure: (uid: number) => Promise<PairedLosses>;
  readonly end: () => void;
  /** Evaluations that the desk's own engine made whole. */
  readonly measuredHere: () => number;
};

/** A desk over a queue, in a window that begins. @param own - hotkey of the validator */
export function deskWith<Q extends LineQueue>(
  queue: Q,
  block = { number: 10 },
  own = OWN,
): DeskScene<Q> {
  const said: string[] = [];
  const stop = new AbortController();
  let measuredHere = 0;
  const node = participantOf({
    signer: stub<Signer>({ publicKey: own }),
    run: stub<Run>({
      runId: RUN,
      manifest: EXAMPLE_MANIFEST,
      noiseTokens: async () =>
        Int32Array.from({ length: SEQUENCES * (context + 1) }, (_, at) =>
          Math.floor(at / (context + 1)),
        ),
    }),
    blocks: stub<BlockClock>({
      get current() {
        return { number: block.number, hash: RUN };
      },
    }),
    engine: stub<Engine>({
      async losses({ tokens, update }) {
        const places = Array.from(
          { length: tokens.length / (context + 1) },
          (_, at) => tokens[at * (context + 1)] ?? 0,
        );
        if (places.length === SEQUENCES && update !== undefined) measuredHere += 1;
        await sleep(1);
        const { before, after } = truth(update?.[0]?.indices[0] ?? 0, places);
        return Float64Array.from(update === undefined ? before : after);
      },
    }),
  });
  const desk = new Desk({ node, queue, say: (text) => said.push(text), signal: stop.signal });
  const facts = stub<WindowFacts>({
    window: 3,
    keys: stub<WindowFacts["keys"]>({}),
    hotkeys: [],
    rules: EXAMPLE_MANIFEST,
  });
  desk.begin(facts);
  const measure = (uid: number): Promise<PairedLosses> =>
    desk.measure({ task: task(uid), applied: { update: updateOf(uid), factor: 0.5 }, priority: 1 });
  return {
    desk,
    queue,
    said,
    block,
    measure,
    end: () => stop.abort(),
    measuredHere: () => measuredHere,
  };
}
