/** @file R6: who is well, late or gone follows from the chain; who is gone is out of the training, and a newcomer gets the uid. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import type { Metagraph } from "../../chain/client/metagraph.ts";
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import { type Nodes, RunningLocalnet } from "../support/localnet.ts";
import { Newcomer } from "../support/subnet-of-ones-own.ts";
import { hotkeyOf, Onlooker } from "./onlooker.ts";
import { counted, openPublicClient, registerAll, signedCalls } from "./public-client.ts";
import { atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";

/** Window in which a miner dies at the soonest. */
const DIES = 2;
/** Who takes the uids that are left; rich, and with no rights of its own. */
const STRANGER = "//Ferdie";
const DEAD = "miner-4";
const ALIVE = ["validator-1", "validator-2", "miner-1", "miner-2", "miner-3"];
const MOST_WINDOWS = 3;
/** Windows missed in a row, after which the product calls a miner gone. */
const GONE_AFTER = 3;
/** Uids of a subnet; only a full one takes a uid from anybody. */
const UIDS = 256;
/** Past credit is forgotten in a few windows rather than in a dozen, so that the test is short. */
const RULES = ["--set", "credit.alpha=0.3", "--set", "chain.immunityPeriod=24"];
/** Slow enough for a newcomer, for whom the local network's chain does not wait. */
const BLOCK_MS = 400;
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
function stateIn(look: Look | undefined, ss58: string): string | undefined {
  return look?.participants.find(({ hotkey }) => hotkey === ss58)?.state;
}

/** What `subnet status --json --watch` printed. */
function looksIn(text: string): Look[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith('{"endpoint"') && line.endsWith("}"))
    .map((line) => lookSchema.parse(JSON.parse(line)));
}

/** A miner's state by the chain alone, in the state of one block. */
async function stateByChain(
  { subnet, clock }: Onlooker,
  block: number,
  hotkey: Hex,
): Promise<string | null> {
  const at = await subnet.blocks.hashOf(block);
  const { neurons } = await subnet.chain.metagraph(subnet.netuid, at);
  const neuron = neurons.find((one) => one.hotkey === hotkey);
  if (neuron === undefined) return null;
  const slot = (await subnet.chain.commitments(subnet.netuid, [hotkey], at)).get(hotkey);
  const last = slot === undefined ? -1 : clock.windowOf(slot.block);
  if (last < 0) return neuron.axon === null ? "new" : "starting"; // both are read soon after registration
  const missed = clock.windowOf(block) - last - 1;
  if (missed <= 0) return "working";
  return missed < GONE_AFTER ? "late" : "gone";
}

/** The states that a hotkey went through, and how many of them the chain does not give. */
async function statesOf(
  onlooker: Onlooker,
  looks: readonly Look[],
  who: { readonly hotkey: Hex; readonly ss58: string },
): Promise<{ readonly states: string[]; readonly compared: number; readonly different: number }> {
  const states: string[] = [];
  let [compared, different] = [0, 0];
  for (const look of looks) {
    const state = stateIn(look, who.ss58);
    if (state === undefined || look.run === null) continue;
    if (states.at(-1) !== state) states.push(state);
    compared++;
    if ((await stateByChain(onlooker, look.block, who.hotkey)) !== state) different++;
  }
  return { states, compared, different };
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

function pidOf({ nodes }: Nodes, name: string): number {
  return nodes.find((node) => node.name === name)?.pid ?? 0;
}

const uidOf = ({ neurons }: Metagraph, hotkey: Hex): number =>
  neurons.findIndex((one) => one.hotkey === hotkey);

test("R6", { timeout: 900_000 }, async (t) => {
  const began = performance.now();
  const cast = ["--windows", "80", "--miners", "4", "--attack", "none", "--no-baseline"];
  const pace = ["--block-ms", String(BLOCK_MS), "--json"];
  const net = new RunningLocalnet([...cast, ...RULES, ...pace]);
  const newcomer = new Newcomer();
  t.after(async () => {
    await newcomer.leave();
    net.child.kill("SIGTERM");
    await net.exited;
    rmSync(net.output, { recursive: true, force: true });
  });
  const [nodes] = await Promise.all([
    net.nodes(400_000),
    newcomer.run("miner", "wallet", "--wallet", "heir"),
  ]);
  newcomer.endpoint = nodes.endpoint;
  const wallet = { folder: join(newcomer.home, ".bittensor", "wallets"), name: "heir" };
  const [heir, heirColdkey] = await Promise.all([
    openHotkey({ ...wallet, hotkey: "default" }),
    openColdkey(wallet),
  ]);
  const onlooker = await Onlooker.connect(nodes);
  t.after(() => onlooker.close());
  const { clock, subnet } = onlooker;
  const { chain, netuid } = subnet;
  const api = await openPublicClient(nodes.endpoint);
  t.after(() => api.disconnect());
  const where = ["--netuid", String(netuid)];
  const watching = newcomer.start("subnet", "status", ...where, "--json", "--watch");

  // Strangers take every uid that is left, and do nothing with them.
  const before = await chain.metagraph(netuid);
  const idle = Array.from(
    { length: UIDS - before.neurons.length },
    (): Hex => `0x${randomBytes(32).toString("hex")}`,
  );
  const [dead, ...alive] = [DEAD, ...ALIVE].map((name) => hotkeyOf(nodes, name));
  if (dead === undefined) throw new Error(`no ${DEAD}`);
  const filling = registerAll(api, idle, { netuid, payer: signerFromUri(STRANGER) });
  await newcomer.run("miner", "faucet", "--wallet", "heir", "--amount", "500");
  const dies = Math.max(DIES, onlooker.now + 1);
  const killing = (async () => {
    await onlooker.block(clock.startBlock(dies) + 1);
    process.kill(pidOf(nodes, DEAD), "SIGKILL");
    return onlooker.height;
  })();
  const [diedAt] = await Promise.all([killing, filling, onlooker.through(dies)]);
  const free = await untilLeast(onlooker, dead, alive);

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
  await onlooker.until(
    "the newcomer is seen to work",
    async () => (stateIn(looksIn(watching.out).at(-1), heir.ss58) === "working" ? true : null),
    PATIENCE_MS,
  );
  await watching.stop();
  const looks = looksIn(watching.out);
  const deadSs58 = nodes.nodes.find(({ name }) => name === DEAD)?.ss58 ?? "";
  const deadStates = await statesOf(onlooker, looks, { hotkey: dead, ss58: deadSs58 });
  const heirStates = await statesOf(onlooker, looks, { hotkey: heir.publicKey, ss58: heir.ss58 });

  const calls = await signedCalls(api, diedAt, lastBlock);
  const privileged = new Set<Hex>([before.ownerColdkey, before.ownerHotkey]);
  const known = new Set<Hex>([
    ...nodes.nodes.flatMap(({ hotkey }) => (isHex(hotkey) ? [hotkey] : [])),
    heir.publicKey,
    heirColdkey.publicKey,
    signerFromUri(STRANGER).publicKey,
  ]);
  const others = calls.filter(({ signer }) => privileged.has(signer) || !known.has(signer));
  const special = calls.filter(({ call }) => SPECIAL.test(call));
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
        deadStates.states.slice(-STATES).join(" "),
        "working late gone",
      ),
      exactly(
        "the newcomer's first states",
        heirStates.states.slice(0, STATES).join(" "),
        "new starting working",
      ),
      exactly(
        "states that the chain alone does not give",
        deadStates.different + heirStates.different,
        0,
      ),
      exactly("uids before the newcomer", full.neurons.length, UIDS),
      exactly("the newcomer's uid", uidOf(after, heir.publicKey), uidOf(before, dead)),
      exactly("hotkeys at work that lost their uid", lostUids.length, 0),
      exactly("windows in which training paused", nulls.length, 0),
      exactly("calls by the owner or by strangers to the run", others.length, 0),
      exactly("calls that take special rights", special.length, 0),
    ],
    numbers: {
      diedIn: dies,
      paidNothingIn: free,
      registeredIn: registered,
      heirsFirstAccepted: heirsWork,
      looks: looks.length,
      deadStates: deadStates.states,
      newcomersStates: heirStates.states,
      statesCompared: deadStates.compared + heirStates.compared,
      acceptedByWindow: onlooker.windows.map(({ acceptedUids }) => acceptedUids.length),
      calls: counted(calls.map(({ call }) => call)),
      signers: new Set(calls.map(({ signer }) => signer)).size,
    },
  });
});
