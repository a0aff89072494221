/** @file A commitment in its phase, through outages: known, sent again, refused, or left to the record. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ChainClient, CommitmentField, Head } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import type { Log } from "../../../src/command/log.ts";
import { landCommitment, type Landing } from "../../../src/neuron/commitment.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const HOTKEY: Hex = `0x${"a1".repeat(32)}`;
const PHASE = { first: 10, last: 13 };
const FIELDS: readonly CommitmentField[] = [{ kind: "blakeTwo256", digest: HOTKEY }];
const LOST = new ChainError({ code: "chain-unreachable", endpoint: "ws://127.0.0.1:1" });
const headOf = (number: number): Head => ({ number, hash: "0x00" });

/** What a chain does with one attempt: the block it lands in, or a failure; `taken`: in which block it lands all the same. */
type Attempt = { readonly answer: number | Error; readonly taken?: number };

/** A chain that does these things one after the other; afterwards its phase is over. */
class World {
  readonly said: string[] = [];
  sent = 0;
  readonly #attempts: readonly Attempt[];
  readonly #over = Promise.withResolvers<Head>();
  #slot: number | null = null;

  constructor(attempts: readonly Attempt[], before: number | null = null) {
    this.#attempts = attempts;
    this.#slot = before;
  }

  async land(): Promise<Landing> {
    return landCommitment(this.#participant(), FIELDS, PHASE);
  }

  async #attempt(): Promise<{ block: Head }> {
    const attempt = this.#attempts[this.sent++];
    await setImmediate();
    if (attempt === undefined) {
      this.#over.resolve(headOf(PHASE.last + 1));
      return new Promise(() => undefined);
    }
    this.#slot = attempt.taken ?? this.#slot;
    if (typeof attempt.answer !== "number") throw attempt.answer;
    return { block: headOf(attempt.answer) };
  }

  #participant(): Participant {
    return participantOf({
      netuid: 3,
      signer: stub<Participant["neuron"]["signer"]>({ publicKey: HOTKEY }),
      log: stub<Log>({ warn: () => undefined }),
      signal: new AbortController().signal,
      say: (text) => void this.said.push(text),
      blocks: stub<BlockClock>({ reached: async () => this.#over.promise }),
      chain: stub<ChainClient>({
        setCommitment: async () => this.#attempt(),
        commitments: async () =>
          new Map(this.#slot === null ? [] : [[HOTKEY, { block: this.#slot, fields: [] }]]),
      }),
    });
  }
}

test("what the chain confirms is sent once, whatever its block", async () => {
  for (const block of [PHASE.first, PHASE.last, PHASE.last + 1]) {
    const world = new World([{ answer: block }]);
    assert.equal(await world.land(), block);
    assert.equal(world.sent, 1);
    assert.deepEqual(world.said, []);
  }
});

test("after an outage a commitment that was taken is found, and not sent again", async () => {
  const world = new World([{ answer: LOST, taken: 11 }], PHASE.first - 5);
  assert.equal(await world.land(), 11);
  assert.equal(world.sent, 1);
  assert.equal(world.said.length, 1);
});

test("one that was not taken is sent again; what the hotkey said before the phase is something else", async () => {
  const world = new World([{ answer: LOST }, { answer: LOST }, { answer: 12 }], PHASE.first - 5);
  assert.equal(await world.land(), 12);
  assert.equal(world.sent, 3);
  assert.equal(world.said.length, 1, "said once");
});

test("of two that were taken the later says nothing about the first: the record decides", async () => {
  const world = new World([{ answer: LOST }, { answer: PHASE.last + 1 }]);
  assert.equal(await world.land(), "unknown");
});

test("when the phase is over before anybody knows, nothing is sent any more", async () => {
  const world = new World([{ answer: LOST }]);
  assert.equal(await world.land(), "unknown");
  assert.equal(world.sent, 2);
});

test("a refusal is given back, a bug passed on", async () => {
  const refusal = new ChainError({ code: "extrinsic-invalid", reason: "Payment", detail: "" });
  assert.equal(await new World([{ answer: refusal }]).land(), refusal);
  const bug = new TypeError("bug");
  await assert.rejects(new World([{ answer: bug }]).land(), bug);
});
