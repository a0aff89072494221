/** @file R6: who is well, late or gone follows from the chain; who is gone is out of the training, and a newcomer gets the uid. */
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { z } from "zod";
import type { Commitment } from "../../chain/client/commitments.ts";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import type { Nodes } from "../support/localnet.ts";
import type { Running } from "../support/running.ts";
import { hotkeyOf, type Onlooker } from "./onlooker.ts";
import { counted, registerAll, signedCalls } from "./public-client.ts";
import { atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";
import { openSceneWithNewcomer } from "./scene.ts";
import { minersOf } from "./size.ts";

/** Window in which a miner dies at the soonest. */
const DIES = 2;
/** Who takes the uids that are left; rich, and with no rights of its own. */
const STRANGER = "//Ferdie";
const MINERS = 4;
const DEAD = "miner-4";
const MOST_WINDOWS = 3;
/** Windows missed in a row, after which the product calls a miner gone. */
const GONE_AFTER = 3;
/** Uids of a subnet; only a full one takes a uid from anybody. */
const UIDS = 256;
/** Who is away is paid nothing after two windows rather than six, and a newcomer takes over what is at most two windows old: the test is short. */
const RULES = [
  "--set",
  "credit.attendanceAlpha=0.5",
  "--set",
  "chain.immunityPeriod=24",
  "--set",
  "checkpoint.everyWindows=2",
];
/** Slow enough for a newcomer, for whom the local network's chain does not wait, and for a look at every state. */
const BLOCK_MS = 300;
const PATIENCE_MS = 180_000;
/** States that are judged: the last of the dead miner, the first of the newcomer, who may be late again on a busy machine. */
const STATES = 3;
/** Calls that not everybody may make. */
const SPECIAL =
  /^(?:sudo|adminUtils|council|technicalCommittee|collective)\.|sudo|setSubnetIdentity/i;

const lookSchema = z.object({
  block: z.number(),
  run: z.object({ window: z.number() }).nullable(),
  participants: z.array(
    z.object({ uid: z.number(), hotkey: z.string(), state: z.string(), role: z.string() }),
  ),
});

type Look = z.output<typeof lookSchema>;

/** The state of a hotkey in a look. */
function stateIn(look: Look, ss58: string): string | undefined {
  return look.participants.find(({ hotkey }) => hotkey === ss58)?.state;
}

/** The whole lines of what `subnet status --json --watch` printed. */
function linesIn(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith('{"endpoint"') && line.endsWith("}"));
}

function lookOf(line: string): Look {
  return lookSchema.parse(JSON.parse(line));
}

/** A miner's state by the chain alone, from what one block says of it. */
function stateByChain(
  { clock }: Onlooker,
  block: number,
  { neuron, slot }: { readonly neuron: Neuron | undefined; readonly slot: Commitment | undefined },
): string | null {
  if (neuron === undefined) return null;
  const last = slot === undefined ? -1 : clock.windowOf(slot.block);
  if (last < 0) return neuron.axon === null ? "new" : "starting"; // both are read soon after registration
  const missed = clock.windowOf(block) - last - 1;
  if (missed <= 0) return "working";
  return missed < GONE_AFTER ? "late" : "gone";
}

/** The states that each hotkey went through, and how many of them the chain does not give. */
type States = {
  readonly of: ReadonlyMap<Hex, readonly string[]>;
  readonly compared: number;
  readonly different: number;
};

/** What `subnet status` said of these hotkeys, against the state of the chain at the very blocks of the looks. */
async function statesOf(
  onlooker: Onlooker,
  looks: readonly Look[],
  watched: readonly Pick<Signer, "publicKey" | "ss58">[],
): Promise<States> {
  const { subnet } = onlooker;
  const of = new Map(watched.map(({ publicKey }): [Hex, string[]] => [publicKey, []]));
  let [compared, different] = [0, 0];
  for (const look of looks) {
    const seen = watched.flatMap(({ publicKey, ss58 }) => {
      const state = stateIn(look, ss58);
      return state === undefined || look.run === null ? [] : [{ publicKey, state }];
    });
    if (seen.length === 0) continue;
    const at = await subnet.blocks.hashOf(look.block);
    const hotkeys = seen.map(({ publicKey }) => publicKey);
    const [{ neurons }, slots] = await Promise.all([
      subnet.chain.metagraph(subnet.netuid, at),
      subnet.chain.commitments(subnet.netuid, hotkeys, at),
    ]);
    for (const { publicKey, state } of seen) {
      const states = of.get(publicKey);
      if (states?.at(-1) !== state) states?.push(state);
      const neuron = neurons.find(({ hotkey }) => hotkey === publicKey);
      compared++;
      if (stateByChain(onlooker, look.block, { neuron, slot: slots.get(publicKey) }) !== state)
        different++;
    }
  }
  return { of, compared, different };
}

/** Waits until the dead miner is the one whose uid the chain would give away, and for blocks in which all others are paid. */
async function untilLeast(onlooker: Onlooker, dead: Hex, alive: readonly Hex[]): Promise<number> {
  const { chain, netuid } = onlooker.subnet;
  return onlooker.until(
    "the dead miner is paid nothing",
    async () => {
      const { neurons } = await chain.metagraph(netuid);
      const paid = (hotkey: Hex): bigint =>
        neurons.find((one) => one.hotkey === hotkey)?.emissionRao ?? 0n;
      return paid(dead) === 0n && alive.every((one) => paid(one) > 0n) ? onlooker.now : null;
    },
    PATIENCE_MS,
  );
}

/** Waits until `subnet status` has shown a state of a hotkey. */
async function untilSeen(
  onlooker: Onlooker,
  watching: Pick<Running, "out">,
  { ss58, state }: { readonly ss58: string; readonly state: string },
): Promise<void> {
  const look = async (): Promise<true | null> => {
    const line = linesIn(watching.out).at(-1);
    return line !== undefined && stateIn(lookOf(line), ss58) === state ? true : null;
  };
  await onlooker.until(`${ss58} is seen ${state}`, look, PATIENCE_MS);
}

function pidOf({ nodes }: Nodes, name: string): number {
  return nodes.find((node) => node.name === name)?.pid ?? 0;
}

const uidOf = ({ neurons }: Metagraph, hotkey: Hex): number =>
  neurons.findIndex((one) => one.hotkey === hotkey);

test("R6", { timeout: 900_000 }, async (t) => {
  const began = performance.now();
  const miners = minersOf(MINERS);
  const cast = ["--windows", "80", "--miners", `${miners}`, "--attack", "none", "--no-baseline"];
  const pace = ["--block-ms", String(BLOCK_MS)];
  const {
    nodes,
    onlooker,
    api,
    newcomer,
    hotkey: heir,
    coldkey,
    byWorkers,
  } = await openSceneWithNewcomer(t, [...cast, ...RULES, ...pace], "heir");
  const { clock, subnet } = onlooker;
  const { chain, netuid } = subnet;
  const where = ["--netuid", String(netuid)];
  const watching = newcomer.start("subnet", "status", ...where, "--json", "--watch");

  // Strangers take every uid that is left, and do nothing with them.
  const before = await chain.metagraph(netuid);
  const idle = Array.from(
    { length: UIDS - before.neurons.length },
    (): Hex => `0x${randomBytes(32).toString("hex")}`,
  );
  const dead = hotkeyOf(nodes, DEAD);
  const alive = nodes.nodes
    .filter(({ name, role }) => role !== "subnet" && name !== DEAD)
    .map(({ name }) => hotkeyOf(nodes, name));
  const filling = registerAll(api, idle, { netuid, payer: signerFromUri(STRANGER) });
  await newcomer.run("miner", "faucet", "--wallet", "heir", "--amount", "500");
  const dies = Math.max(DIES, onlooker.now + 1);
  const killing = (async () => {
    await onlooker.block(clock.startBlock(dies) + 1);
    process.kill(pidOf(nodes, DEAD), "SIGKILL");
    return onlooker.height;
  })();
  const [diedAt] = await Promise.all([killing, filling, onlooker.through(dies)]);
  const deadSs58 = nodes.nodes.find(({ name }) => name === DEAD)?.ss58 ?? "";
  const [free] = await Promise.all([
    untilLeast(onlooker, dead, alive),
    untilSeen(onlooker, watching, { ss58: deadSs58, state: "gone" }),
  ]);

  const full = await chain.metagraph(netuid);
  await newcomer.run("miner", "register", "--wallet", "heir", ...where, "--yes");
  const registered = onlooker.now;
  const after = await chain.metagraph(netuid);
  newcomer.start("miner", "--wallet", "heir", ...where, "--device", "cpu");
  const heirsWork = await onlooker.until(
    "the newcomer's work is accepted",
    async () => {
      await onlooker.through(onlooker.windows.length);
      const { window, acceptedUids, hotkeys } = onlooker.windows.at(-1) ?? {};
      if (window === undefined || hotkeys === undefined) return null;
      const uid = hotkeys.indexOf(heir.publicKey);
      return uid !== -1 && acceptedUids?.includes(uid) === true ? window : null;
    },
    PATIENCE_MS,
  );
  const lastBlock = onlooker.height;
  await untilSeen(onlooker, watching, { ss58: heir.ss58, state: "working" });
  await watching.stop();
  const looks = linesIn(watching.out).map(lookOf);
  const [states, calls] = await Promise.all([
    statesOf(onlooker, looks, [{ publicKey: dead, ss58: deadSs58 }, heir]),
    signedCalls(api, diedAt, lastBlock),
  ]);
  const [deadStates = [], heirStates = []] = [dead, heir.publicKey].map((who) =>
    states.of.get(who),
  );
  const privileged = new Set<Hex>([before.ownerColdkey, before.ownerHotkey]);
  const known = new Set<Hex>([
    ...nodes.nodes.flatMap(({ hotkey }) => (isHex(hotkey) ? [hotkey] : [])),
    heir.publicKey,
    coldkey.publicKey,
    signerFromUri(STRANGER).publicKey,
  ]);
  const others = calls.filter(({ signer }) => privileged.has(signer) || !known.has(signer));
  const special = calls.filter(({ call }) => SPECIAL.test(call));
  const helped = byWorkers();
  await Promise.all([onlooker.close(), api.disconnect()]);
  const inAggregation = onlooker.windows.filter(({ window, acceptedUids, hotkeys }) => {
    const uid = hotkeys.indexOf(dead);
    return window >= dies && uid !== -1 && acceptedUids.includes(uid);
  });
  const lostUids = alive.filter((hotkey) => uidOf(before, hotkey) !== uidOf(after, hotkey));
  const nulls = onlooker.windows.filter(({ acceptedUids }) => acceptedUids.length === 0);
  const out = (inAggregation.at(-1)?.window ?? dies - 1) + 1 - dies;
  report(ROWS.R6, began, {
    goals: [
      atMost("windows until the dead miner is out of the aggregation", out, MOST_WINDOWS),
      exactly(
        "its last states as anybody sees them",
        deadStates.slice(-STATES).join(" "),
        "working late gone",
      ),
      exactly(
        "the newcomer's first states",
        heirStates.slice(0, STATES).join(" "),
        "new starting working",
      ),
      exactly("states that the chain alone does not give", states.different, 0),
      exactly("uids before the newcomer", full.neurons.length, UIDS),
      exactly("the newcomer's uid", uidOf(after, heir.publicKey), uidOf(before, dead)),
      exactly("hotkeys at work that lost their uid", lostUids.length, 0),
      exactly("windows in which training paused", nulls.length, 0),
      exactly("calls by the owner or by strangers to the run", others.length, 0),
      exactly("calls that take special rights", special.length, 0),
      ...helped.goals,
    ],
    numbers: {
      miners,
      ...helped.numbers,
      diedIn: dies,
      paidNothingIn: free,
      registeredIn: registered,
      heirsFirstAccepted: heirsWork,
      looks: looks.length,
      deadStates,
      newcomersStates: heirStates,
      statesCompared: states.compared,
      acceptedByWindow: onlooker.windows.map(({ acceptedUids }) => acceptedUids.length),
      calls: counted(calls.map(({ call }) => call)),
      signers: new Set(calls.map(({ signer }) => signer)).size,
    },
  });
});
