/** @file When weights go out: at once where anybody can read them, else in the last block before the epoch that counts them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import { statusSchema } from "../../../src/api/types.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Memory } from "../../../validator/memory.ts";
import { Unseen, type Way } from "../../../validator/unseen.ts";
import { participantOf } from "../participant.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { stub } from "../stub.ts";

const TEMPO = 20;
const RICH = 1_000_000_000n;
/** Windows of twelve blocks, the first four of which train; their votes count in the last four. */
const PHASES = { train: 4, commit: 2, reveal: 2, judge: 4 };
type Settings = {
  readonly key?: boolean;
  readonly rao?: bigint;
  readonly lag?: number;
  /** First block of window 0; left out: no window within reach. */
  readonly start?: number;
  readonly hides?: boolean;
  /** Called when a block is waited for; true: it is not made for now. */
  readonly onWait?: (block: number, unseen: Unseen) => boolean;
};

/** A validator at a block of a chain whose epochs are the multiples of the tempo; `newest`: the last window that it scored. */
function at(
  block: number,
  newest: number,
  { key = true, rao = RICH, lag = 0, start = 10_000, hides = false, onWait }: Settings = {},
): {
  readonly waits: number[];
  readonly held: number[];
  readonly said: string[];
  readonly unseen: Unseen;
  readonly way: (window: number) => Promise<Way>;
} {
  let now = block;
  const asked = { waits: [] as number[], held: [] as number[], said: [] as string[] };
  const clock = windowClock({
    ...EXAMPLE_MANIFEST,
    startBlock: start,
    windows: 0,
    phases: PHASES,
    deadlineOffset: 5,
    finalityLag: lag,
  });
  const node = participantOf({
    chain: stub<ChainClient>({
      shieldKey: async () => (key ? new Uint8Array(1) : null),
      balance: async () => rao,
      nextEpoch: async () => (Math.floor(now / TEMPO) + 1) * TEMPO,
      hyperparameters: async () =>
        stub<Awaited<ReturnType<ChainClient["hyperparameters"]>>>({ commitRevealEnabled: hides }),
    }),
    blocks: stub<BlockClock>({
      get current() {
        return { number: now, hash: "0x00" as const };
      },
      reached: async (number) => {
        asked.waits.push(number);
        if (onWait?.(number, unseen) === true) return new Promise(() => undefined);
        now = Math.max(now, number);
        return { number: now, hash: "0x00" };
      },
    }),
    netuid: 1,
    signer: stub<Signer>({ ss58: "5Hot" }),
    signal: new AbortController().signal,
    say: (text) => void asked.said.push(text),
    line: (command) => JSON.stringify(command),
    run: stub<Run>({ clock, manifest: stub<Run["manifest"]>({ finalityLag: lag }) }),
  });
  const memory = stub<Memory>({
    book: { ...EMPTY_SCOREBOOK, window: newest },
    hold: (window) => void asked.held.push(window),
  });
  const unseen = new Unseen(node);
  return { ...asked, unseen, way: async (window) => unseen.way({ memory, node }, window) };
}

const shielded = (before: number): Way => ({ kind: "shielded", before });

test("where nobody opens encrypted calls, or the hotkey cannot pay, weights go out at once", async () => {
  for (const chain of [{ key: false }, { rao: 0n }, { rao: 49_999_999n }]) {
    const { way, waits, held } = at(3, 1, chain);
    assert.deepEqual(await way(1), { kind: "plain" });
    assert.deepEqual([waits, held], [[], []]);
  }
});

test("else with two blocks left and in no block after the next, and their records wait", async () => {
  const { way, waits, held } = at(3, 1);
  assert.deepEqual(await way(1), shielded(TEMPO));
  assert.deepEqual([waits, held], [[TEMPO - 2], [1]]);
  const exact = at(TEMPO - 2, 1);
  assert.deepEqual(await exact.way(1), shielded(TEMPO));
  assert.deepEqual(exact.waits, [TEMPO - 2]);
});

test("final blocks are behind: the weights are sent that much earlier by their count", async () => {
  const { way, waits } = at(3, 1, { lag: 3 });
  assert.deepEqual(await way(1), shielded(TEMPO));
  assert.deepEqual(waits, [TEMPO - 5]);
});

test("what comes too late for an epoch waits for the next, and not for its first blocks", async () => {
  const { way, waits } = at(TEMPO - 1, 1);
  assert.deepEqual(await way(1), shielded(2 * TEMPO));
  assert.deepEqual(waits, [TEMPO, 2 * TEMPO - 2]);
});

test("a later window's weights take the place of those that wait", async () => {
  const { way } = at(3, 2);
  assert.deepEqual(await Promise.all([way(1), way(2)]), [{ kind: "overtaken" }, shielded(TEMPO)]);
});

test("a later window that is scored, and too late for the epoch itself, keeps no weights from it", async () => {
  const { way } = at(3, 9);
  assert.deepEqual(await way(1), shielded(TEMPO));
});

test("what is judged while weights are on their way to an epoch waits for the next one", async () => {
  const { way, unseen } = at(TEMPO - 2, 1);
  assert.deepEqual(await way(1), shielded(TEMPO));
  assert.deepEqual(await way(1), shielded(2 * TEMPO));
  unseen.sent(true, { before: TEMPO });
  assert.deepEqual(unseen.status, { weightsBefore: 2 * TEMPO });
});

test("whoever makes the blocks is told which epoch weights wait for, until they are out or given up", async () => {
  const during: unknown[] = [];
  const { way, unseen } = at(3, 1, { onWait: (_, { status }) => during.push(status) < 0 });
  assert.deepEqual(unseen.status, {});
  await way(1);
  assert.deepEqual(during, [{ weightsBefore: TEMPO }]);
  assert.deepEqual(
    statusSchema.pick({ weightsBefore: true }).parse(unseen.status),
    unseen.status,
    "as the API has it",
  );
  unseen.sent(true, { before: TEMPO });
  assert.deepEqual(unseen.status, {});
  await way(1);
  unseen.givenUp();
  assert.deepEqual(unseen.status, {});
});

test("too late once: encrypted again before the next epoch; twice: in the open, and it is said", async () => {
  const { unseen, way, said } = at(0, 1);
  const late = async (epoch: number): Promise<void> => {
    assert.deepEqual(await way(1), shielded(epoch));
    unseen.sent(false, { before: epoch });
  };
  for (const first of [TEMPO, 3 * TEMPO]) {
    await late(first);
    await late(first + TEMPO);
    assert.deepEqual(await way(1), { kind: "plain" });
  }
  assert.equal(said.length, 1, "in ten windows once");
  assert.match(said[0] ?? "", /window 1: .* in the open, .* missed two epochs/);
});

test("a vote that can be in no block after the weights goes before them; when it does not come, one epoch is given up, never two", async () => {
  // Window 0 ends with the block before the epoch, or with the epoch's.
  for (const start of [TEMPO - 12, TEMPO - 11]) {
    const voted = at(3, 1, {
      start,
      onWait(block, unseen) {
        if (block === TEMPO - 1) setImmediate(() => unseen.voted(0));
        return block === TEMPO - 1;
      },
    });
    assert.deepEqual(await voted.way(1), shielded(TEMPO));
    const silent = at(3, 1, { start });
    assert.deepEqual(await silent.way(1), shielded(2 * TEMPO), "the epoch is given up");
    assert.deepEqual(silent.waits.slice(0, 3), [TEMPO - 2, TEMPO - 1, TEMPO]);
  }
  for (const start of [TEMPO - 13, TEMPO - 10, TEMPO]) {
    const free = at(3, 1, { start });
    assert.deepEqual(await free.way(1), shielded(TEMPO), `a window that begins with ${start}`);
    assert.deepEqual(free.waits, [TEMPO - 2]);
  }
});

test("a vote of the run before does not count for the next run's window", async () => {
  const { unseen, way } = at(3, 1, { start: TEMPO - 12 });
  unseen.voted(7);
  unseen.joined();
  assert.deepEqual(await way(1), shielded(2 * TEMPO));
});

test("whose weights can be copied is told so at the start, with the command that mends it, and not in every window", async () => {
  const poor = at(3, 1, { rao: 7n });
  await poor.unseen.look(-1);
  await poor.way(1);
  assert.equal(poor.said.length, 1);
  assert.match(poor.said[0] ?? "", /can copy the weights.* 0\.05 TAO/);
  assert.match(
    poor.said[0] ?? "",
    /\n {2}\{"ours":"miner transfer",.*"set":\{"to":"5Hot","amount":"0\.1"\}\}/,
  );
  const keyless = at(3, 1, { key: false });
  await keyless.unseen.look(-1);
  await keyless.way(1);
  assert.match(keyless.said.join(), /^this chain opens no encrypted calls/);
  for (const settings of [{}, { rao: 0n, hides: true }, { key: false, hides: true }]) {
    const quiet = at(3, 1, settings);
    await quiet.unseen.look(-1);
    assert.deepEqual(quiet.said, []);
  }
});
