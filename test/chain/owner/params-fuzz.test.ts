/**
 * @file Amending a live run on a real chain while everybody writes: the owner by plans, by hand and twice at once, strangers
 * who are refused. Never are two readers under different rules in one window, whenever they began to read.
 */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { type ChainClient, connectChain, type Submitted } from "../../../chain/client/client.ts";
import { type Signer, signerFromUri } from "../../../chain/wallet/signer.ts";
import { isAssayError } from "../../../src/errors.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { type IncentiveRules, rulesDigest, rulesOf } from "../../../src/protocol/rules.ts";
import { encodeRunText, parseRunText } from "../../../src/protocol/run-text.ts";
import { firstStanding, nextStanding } from "../../../src/protocol/standing.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import { Amendments } from "../../../src/run/amendments.ts";
import { BlockClock } from "../../../src/run/block-clock.ts";
import { firstWindowSeeing, type RunNow, standingOf } from "../../../subnet/owner/run-now.ts";
import { earliestWindow, holdsFrom, planAmendment } from "../../../subnet/params/amend.ts";
import { EXAMPLE_MANIFEST, published } from "../../unit/protocol/example-manifest.ts";
import { failed, openDevelopmentChain, serveChain, type TestChain } from "../client/fixture.ts";

const TAO = 1_000_000_000n;
const RUN: Hex = `0x${"ab".repeat(32)}`;
const OTHER: Hex = `0x${"cd".repeat(32)}`;
const alice = signerFromUri("//Alice");
const owner = signerFromUri("//fuzz//owner");
const stranger = signerFromUri("//fuzz//stranger");

let chain: TestChain;
let writer: ChainClient;
const others: ChainClient[] = [];
const following = new AbortController();
before(async () => {
  chain = await serveChain(await openDevelopmentChain(), { sealing: "manual" });
  writer = await connectChain({ endpoints: [chain.endpoint] });
  for (let count = 0; count < 2; count++)
    others.push(await connectChain({ endpoints: [chain.endpoint] }));
  await sealed(writer.transfer(alice, owner.ss58, 100_000n * TAO));
  await sealed(writer.transfer(alice, stranger.ss58, 100n * TAO));
});
after(async () => {
  following.abort();
  await Promise.all([writer, ...others].map(async (client) => client.close()));
  await chain.close();
});

const POLL_MS = 2;

/** Makes blocks until every call is in one; all that wait at that time share a block. */
async function sealed<T>(...calls: readonly Promise<T>[]): Promise<PromiseSettledResult<T>[]> {
  const done = Promise.allSettled(calls);
  const settled = new AbortController();
  void done.then(() => settled.abort());
  while (!settled.signal.aborted) {
    const pending = await writer.pendingExtrinsics();
    if (pending.length >= calls.length) await chain.embedded.seal();
    else await sleep(POLL_MS);
  }
  return done;
}

/** Waits until so many extrinsics wait for a block. */
async function pooled(count: number): Promise<void> {
  while ((await writer.pendingExtrinsics()).length < count) await sleep(POLL_MS);
}

/** One step of somebody. Windows and waits are relative to when it is taken. */
type Step =
  | { readonly kind: "wait"; readonly blocks: number }
  | {
      readonly kind: "push";
      readonly power: number;
      readonly ahead: number;
      readonly replace: boolean;
    }
  | { readonly kind: "write"; readonly texts: readonly Text[]; readonly byStranger: boolean };
/** What somebody writes by hand. */
type Text =
  | { readonly kind: "words"; readonly words: string }
  | {
      readonly kind: "amendment";
      readonly power: number;
      readonly ahead: number;
      readonly after: "now" | "wrong" | "start";
      readonly run: Hex;
    };

const manifestFrom = (netuid: number, startBlock: number): RunManifest => ({
  ...EXAMPLE_MANIFEST,
  netuid,
  startBlock,
  phases: { train: 2, commit: 1, reveal: 1, judge: 2 },
  deadlineOffset: 2,
  finalityLag: 1,
  windows: 0,
});

const withPower = (manifest: RunManifest, power: number): IncentiveRules => ({
  ...rulesOf(manifest),
  scoring: { ...published(manifest.scoring), power },
});

/** A subnet with a run on it, and everybody who reads its rules. */
class Arena {
  readonly manifest: RunManifest;
  readonly #netuid: number;
  readonly #blocks: BlockClock;
  readonly #readers: Amendments[] = [];
  /** What each window's rules were when they were first read. */
  readonly digests = new Map<number, Hex>();
  /** What a push promised: rules and window, and the block of its text. */
  readonly promises: { readonly digest: Hex; readonly from: number; readonly block: number }[] = [];
  /** Blocks in which the owner's texts landed. */
  readonly writes: number[] = [];

  private constructor(netuid: number, manifest: RunManifest, blocks: BlockClock) {
    this.#netuid = netuid;
    this.manifest = manifest;
    this.#blocks = blocks;
  }

  static async open(): Promise<Arena> {
    const registering = writer.registerNetwork(
      owner,
      signerFromUri(`//fuzz//${Math.random()}`).ss58,
    );
    await sealed(registering);
    const { netuid } = await registering;
    const manifest = manifestFrom(netuid, chain.embedded.head().number + 8);
    const additional = encodeRunText({ runId: RUN, after: null, amendment: null });
    await sealed(writer.setSubnetIdentity(owner, netuid, { name: "fuzz", additional }));
    const blocks = new BlockClock(writer, await writer.head());
    void blocks.follow(following.signal).catch(() => undefined);
    const arena = new Arena(netuid, manifest, blocks);
    arena.join(writer);
    return arena;
  }

  get #run() {
    return { runId: RUN, manifest: this.manifest, clock: windowClock(this.manifest) };
  }

  /** One more reader, who knows nothing of what the others have read. */
  join(client: ChainClient): void {
    this.#readers.push(new Amendments(this.#run, { chain: client, blocks: this.#blocks }));
  }

  async now(): Promise<RunNow> {
    const { number } = chain.embedded.head();
    const head = await this.#blocks.reached(number, following.signal);
    const identity = await writer.identity(this.#netuid, head.hash);
    const text = parseRunText(identity?.additional ?? null);
    const run = { runId: RUN, manifest: this.manifest, swapped: false };
    const moment = { head, identity, text, signal: following.signal };
    return standingOf({ chain: writer, blocks: this.#blocks }, run, moment);
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "wait")
      for (let block = 0; block < step.blocks; block++) await chain.embedded.seal();
    else if (step.kind === "push") await this.#push(step);
    else await this.#write(step);
  }

  /** As `subnet params push` does it. */
  async #push({ power, ahead, replace }: Extract<Step, { kind: "push" }>): Promise<void> {
    const run = await this.now();
    const rules = withPower(this.manifest, power);
    const from = ahead < 0 ? undefined : earliestWindow(run) + ahead;
    let plan;
    try {
      plan = planAmendment(run, { rules, from, replace });
    } catch (error) {
      if (isAssayError(error, "amendment-refused")) return;
      throw error;
    }
    const identity = { name: "fuzz", ...run.identity, additional: plan.text };
    const writing = writer.setSubnetIdentity(owner, this.#netuid, identity);
    await sealed(writing);
    const { block } = await writing;
    this.writes.push(block.number);
    const window = holdsFrom(run, plan, block.number);
    if (window !== null)
      this.promises.push({ digest: rulesDigest(rules), from: window, block: block.number });
  }

  #textOf(text: Text, run: RunNow): string {
    if (text.kind === "words") return text.words;
    const { power, ahead, after: named } = text;
    const rules = withPower(this.manifest, power);
    const digests = {
      now: rulesDigest(run.decided.standing.rules),
      start: rulesDigest(this.manifest),
      wrong: OTHER,
    };
    const from = Math.max(1, run.window + ahead);
    const amendment = { run: text.run, after: digests[named], from, rules };
    return encodeRunText({ runId: RUN, after: null, amendment });
  }

  /** Writes by hand, all texts in one block; a stranger is refused every time. */
  async #write({ texts, byStranger }: Extract<Step, { kind: "write" }>): Promise<void> {
    const run = await this.now();
    const signer: Signer = byStranger ? stranger : owner;
    const calls: Promise<Submitted>[] = [];
    for (const [index, text] of texts.entries()) {
      // A client has one extrinsic of an account in the pool at a time: a second one is another's.
      const client = [writer, ...others][index] ?? writer;
      const call = client.setSubnetIdentity(signer, this.#netuid, {
        name: "fuzz",
        additional: this.#textOf(text, run),
      });
      calls.push(call);
      await Promise.race([pooled(index + 1), call.catch(() => undefined)]);
    }
    for (const result of await sealed(...calls))
      if (byStranger) {
        assert.ok(result.status === "rejected");
        assert.ok(failed("NotSubnetOwner")(result.reason));
      } else {
        assert.ok(result.status === "fulfilled");
        this.writes.push(result.value.block.number);
      }
  }

  /** Every reader, old and new, holds the same rules in every window that is decided; once read they never change. */
  async agree(): Promise<void> {
    const { clock } = this.#run;
    const { number } = await this.#blocks.reached(chain.embedded.head().number, following.signal);
    const last = firstWindowSeeing(clock, number) - 1;
    for (let window = 0; window <= last; window++) {
      const read = await Promise.all(
        this.#readers.map(async (reader) => (await reader.at(window, following.signal)).rules),
      );
      const [digest = "0x", ...rest] = read.map((rules) => rulesDigest(rules));
      assert.deepEqual(new Set(rest).difference(new Set([digest])).size, 0, `window ${window}`);
      assert.equal(this.digests.get(window) ?? digest, digest, `window ${window} changed`);
      this.digests.set(window, digest);
    }
  }

  /** The same by the words of docs/protocol.md alone: a fold over what the archive says, text by text. */
  async foldedDigests(): Promise<readonly Hex[]> {
    const { clock } = this.#run;
    let standing = firstStanding(this.manifest);
    const found = [rulesDigest(standing.rules)];
    for (let window = 1; window < this.digests.size; window++) {
      const hash = await writer.blockHash(clock.seedBlock(window - 1));
      const text = parseRunText(await writer.subnetIdentity(this.#netuid, hash));
      standing = nextStanding(standing, this.#run, { window, text });
      found.push(rulesDigest(standing.rules));
    }
    return found;
  }
}

const power = fc.integer({ min: 1, max: 4 });
const text: fc.Arbitrary<Text> = fc.oneof(
  fc.record({
    kind: fc.constant("words" as const),
    words: fc.constantFrom(
      "",
      `assay:run=${RUN}`,
      `assay:run=${OTHER}`,
      `assay:run=${RUN} assay:rules={`,
      `assay:run=${RUN} assay:rules=${"9".repeat(800)}`,
    ),
  }),
  fc.record({
    kind: fc.constant("amendment" as const),
    power,
    ahead: fc.integer({ min: -2, max: 3 }),
    after: fc.constantFrom("now" as const, "now" as const, "wrong" as const, "start" as const),
    run: fc.constantFrom(RUN, RUN, RUN, OTHER),
  }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), blocks: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    kind: fc.constant("push" as const),
    power,
    ahead: fc.integer({ min: -1, max: 2 }),
    replace: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("write" as const),
    texts: fc.array(text, { minLength: 1, maxLength: 2 }),
    byStranger: fc.boolean(),
  }),
);

it("never two readers under different rules in one window, whoever writes what", async () => {
  let switches = 0;
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), async (steps) => {
      const arena = await Arena.open();
      for (const [index, one] of steps.entries()) {
        await arena.take(one);
        // Somebody joins in the middle, by another connection.
        if (index % 5 === 4) arena.join(others[index % others.length] ?? writer);
        await arena.agree();
      }
      const clock = windowClock(arena.manifest);
      const last = Math.max(2, ...arena.promises.map(({ from }) => from));
      const end = clock.startBlock(last) - chain.embedded.head().number;
      await arena.take({ kind: "wait", blocks: Math.max(1, end) });
      await arena.agree();
      assert.deepEqual([...arena.digests.values()], await arena.foldedDigests());
      for (const { digest, from, block } of arena.promises) {
        const cancelled = arena.writes.some(
          (other) => other > block && other <= clock.seedBlock(from - 1),
        );
        if (cancelled) continue;
        assert.equal(arena.digests.get(from), digest, `promised for window ${from}`);
        kept++;
      }
      switches += new Set(arena.digests.values()).size - 1;
    }),
    { numRuns: 12 },
  );
  assert.ok(switches > 0 && kept > 0, `${switches} switches, ${kept} promises kept`);
});
