/** @file The tables of metrics: names and units by convention, labels that are bounded, the same figures as the page. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { NowView, ParticipantView } from "../../../src/api/page.ts";
import { CHAIN_METRICS } from "../../../src/metrics/chain-metrics.ts";
import { type Described, familiesOf, type Family } from "../../../src/metrics/metric.ts";
import { NODE_METRICS, type NodeState } from "../../../src/metrics/node-metrics.ts";
import { SUBNET_METRICS, type SubnetState } from "../../../src/metrics/subnet-metrics.ts";
import { Tally } from "../../../src/metrics/tally.ts";
import { openPage } from "../../../src/page/page.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { stub } from "../stub.ts";
import { clock, openAxon, subject, VALIDATOR } from "../page/scene.ts";
import { lines } from "../view/recorded.ts";

const ALL: readonly Described[] = [...NODE_METRICS, ...SUBNET_METRICS, ...CHAIN_METRICS];
/** Whose values there are few of. Adding one is a decision: say here what bounds it. */
const LABELS: Readonly<Record<string, string>> = {
  uid: "uids of the subnet",
  step: "WindowStep",
  phase: "four",
  role: "five",
  code: "reasons, and other",
  part: "six",
  device: "of this node",
  run: "of this node, one at a time",
};
/** Text of a stranger in whatever a stranger may choose. */
const EVIL = 'evil"} 1\nassay_window 666\n#';

function family(families: readonly Family[], name: string): Family["samples"] {
  const found = families.find((one) => one.name === name);
  assert.ok(found !== undefined, `${name} is not told`);
  return found.samples;
}

test("names are of us, tell their unit, and end in _total where they count", () => {
  for (const { name, kind, help, labels = [] } of ALL) {
    assert.match(name, /^assay_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith("_total"), kind === "counter", name);
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|percent|kb|mb|rao)\b/, name);
    assert.match(help, /^[A-Z1].*\.$/, name);
    for (const label of labels) assert.ok(label in LABELS, `${name}: what bounds ${label}?`);
  }
  const names = [...NODE_METRICS, ...SUBNET_METRICS].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, "a node tells nothing twice");
});

/** What a validator's page holds at the end of the recorded run. */
async function seen(): Promise<SubnetState> {
  const axon = await openAxon({ record: (window) => lines[window] ?? null });
  const about = subject(
    clock.lastJudgeBlock(5) + 3,
    new Map<Hex, typeof axon>([[VALIDATOR, axon]]),
    {
      node: () => ({
        role: "validator",
        hotkey: "5Own",
        publicKey: VALIDATOR,
        device: "cpu",
        activity: "",
      }),
      record: (window) => lines[window] ?? null,
      losses: () => [{ window: 3, loss: 4.5 }],
    },
  );
  const page = openPage(about);
  try {
    return await page.seen(5000);
  } finally {
    page.close();
    await axon.close();
  }
}

test("a node tells the figures of its page", async () => {
  const state = await seen();
  const { now, windows } = state;
  assert.ok(now !== null && now.run !== null);
  const families = familiesOf(SUBNET_METRICS, state);
  assert.deepEqual(family(families, "assay_held_out_loss_nats"), [{ value: 4.5 }]);
  assert.deepEqual(family(families, "assay_record_window"), [{ value: windows.at(-1)?.window }]);
  assert.deepEqual(family(families, "assay_record_own_gain_ratio"), [
    { value: windows.at(-1)?.own },
  ]);
  assert.deepEqual(family(families, "assay_tempo_blocks"), [{ value: now.tempo }]);
  const scores = family(families, "assay_neuron_score");
  const judged = now.participants.filter((one) => one.judged !== null);
  assert.ok(judged.length > 1);
  assert.deepEqual(
    scores.map(({ labels, value }) => [labels?.["uid"], value]),
    judged.map((one) => [String(one.uid), one.judged?.score]),
  );
  const phases = family(families, "assay_phase_blocks").reduce((sum, { value }) => sum + value, 0);
  assert.equal(phases, now.run.blocksPerWindow);
  const issued = family(families, "assay_ledger_alpha").map(({ value }) => value);
  const [first = 0, ...parts] = issued;
  assert.ok(Math.abs(first - parts.reduce((sum, one) => sum + one, 0)) < 1e-12);
});

const never = (): Promise<never> => new Promise(() => undefined);

test("a chain that does not answer costs a moment, and is told", async () => {
  const about = subject(5, new Map<Hex, never>());
  const chain = stub<typeof about.subnet.chain>({
    genesisHash: about.subnet.chain.genesisHash,
    metagraph: never,
    emissionLedger: never,
    hyperparameters: never,
    validatorTrust: never,
  });
  const { netuid, blocks, finder } = about.subnet;
  const subnet = stub<typeof about.subnet>({ netuid, blocks, finder, chain });
  const page = openPage({ ...about, subnet, fault: (error) => assert.fail(String(error)) });
  for (let scrape = 0; scrape < 2; scrape++) {
    const state = await page.seen(20);
    assert.deepEqual(state, { now: null, windows: [], losses: [], isFresh: false });
    assert.deepEqual(family(familiesOf(SUBNET_METRICS, state), "assay_look_failed"), [
      { value: 1 },
    ]);
  }
  page.close();
});

test("before the first look nothing of the subnet is told, and no scrape fails", () => {
  const nothing = { now: null, windows: [], losses: [], isFresh: false };
  const told = familiesOf(SUBNET_METRICS, nothing);
  assert.deepEqual(
    told.map(({ name, samples }) => [name, samples]),
    [["assay_look_failed", [{ value: 1 }]]],
  );
  const owner: NodeState = {
    role: "owner",
    device: "none",
    tally: null,
    window: null,
    block: { number: 3, seenAt: 1 },
    disk: null,
  };
  const names = familiesOf(NODE_METRICS, owner).map(({ name }) => name);
  assert.deepEqual(names, [
    "assay_node_info",
    "assay_chain_block_height",
    "assay_chain_block_timestamp_seconds",
  ]);
});

/** As many participants as a subnet has, all of whose texts a stranger chose. */
function crowd(now: NowView, count: number): NowView {
  const [model] = now.participants;
  assert.ok(model !== undefined);
  const judged = {
    window: 1,
    verdict: { code: EVIL, text: EVIL },
    score: 1,
    share: 0.1,
    record: EVIL,
  };
  const participants = Array.from({ length: count }, (_, uid): ParticipantView => {
    const texts = { ss58: `${EVIL}${uid}`, name: EVIL, kind: EVIL, url: EVIL, agreement: 1 };
    return { ...model, ...texts, uid, role: uid % 2 === 0 ? "miner" : "validator", judged };
  });
  return { ...now, participants };
}

test("series grow with uids and with nothing else, and no text of a stranger is a label", async () => {
  const state = await seen();
  assert.ok(state.now !== null);
  const size = (count: number): number => {
    const now = crowd(state.now ?? assert.fail(), count);
    const families = familiesOf(SUBNET_METRICS, { ...state, now });
    for (const { samples } of families)
      for (const { labels = {} } of samples)
        for (const text of Object.values(labels)) assert.match(text, /^[a-z0-9-_]{1,40}$/);
    return families.reduce((sum, { samples }) => sum + samples.length, 0);
  };
  const [few, many] = [size(64), size(256)];
  assert.ok(many - few <= 9 * (256 - 64), `${many - few} series for 192 more uids`);
  const windows = state.windows.map((one) => ({
    ...one,
    verdicts: { [EVIL]: 2, [`${EVIL}x`]: 3 },
  }));
  const verdicts = family(
    familiesOf(SUBNET_METRICS, { ...state, windows }),
    "assay_record_verdicts",
  );
  assert.deepEqual(verdicts, [{ labels: { code: "other" }, value: 5 }]);
});

test("a miner tells of itself alone", async () => {
  const state = await seen();
  const [, self] = state.now?.participants ?? [];
  assert.ok(state.now !== null && self !== undefined);
  const node = { ...state.now.node, role: "miner" as const, hotkey: self.ss58 };
  const families = familiesOf(SUBNET_METRICS, { ...state, now: { ...state.now, node } });
  assert.deepEqual(
    family(families, "assay_neuron_stake_alpha").map(({ labels }) => labels?.["uid"]),
    [String(self.uid)],
  );
  assert.ok(!families.some(({ name }) => name === "assay_weights_age_blocks"));
  const stranger = { ...node, hotkey: "nobody" };
  const none = familiesOf(SUBNET_METRICS, { ...state, now: { ...state.now, node: stranger } });
  assert.ok(!none.some(({ labels }) => labels?.includes("uid")));
});

test("weights age from their last block", async () => {
  const { now } = await seen();
  assert.ok(now !== null);
  const self = now.participants.find(({ role }) => role === "validator");
  assert.ok(self !== undefined);
  const node = { ...now.node, role: "validator" as const, hotkey: self.ss58 };
  const families = familiesOf(SUBNET_METRICS, {
    now: { ...now, node },
    windows: [],
    losses: [],
    isFresh: true,
  });
  assert.deepEqual(family(families, "assay_weights_age_blocks"), [
    { value: now.block - self.lastUpdate },
  ]);
});

test("steps have their names as labels", () => {
  const tally = new Tally(`0x${"11".repeat(32)}`);
  tally.did("committed", 4);
  const state: NodeState = {
    role: "miner",
    device: "cpu",
    tally,
    window: 4,
    block: { number: 3, seenAt: 1 },
    disk: { freeBytes: 5, sizeBytes: 6 },
  };
  const families = familiesOf(NODE_METRICS, state);
  assert.deepEqual(family(families, "assay_steps_total"), [
    { labels: { step: "committed" }, value: 1 },
  ]);
  assert.deepEqual(family(families, "assay_disk_free_bytes"), [{ value: 5 }]);
});
