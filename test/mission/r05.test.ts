/** @file R5: the clock of a run is block height and manifest; one joins, one is killed, one leaves, and training goes on. */
import { test } from "node:test";
import { z } from "zod";
import type { Hex } from "../../src/protocol/digest.ts";
import { hotkeyOf, type Onlooker } from "./onlooker.ts";
import { counted, signedCalls } from "./public-client.ts";
import { atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";
import { openSceneWithNewcomer } from "./scene.ts";
import { minersOf } from "./size.ts";

const MINERS = 4;
/** In which windows what happens. */
const JOINS = 3;
const IS_KILLED = 3;
const LEAVES = 4;
/** Windows that are watched after the joiner is in. */
const AFTER = 2;
/** Slow enough that a process can start within a window or two. */
const BLOCK_MS = 700;
const MOST_WINDOWS_TO_CATCH_UP = 2;
const VALIDATORS = ["validator-1", "validator-2"];
/** Whatever goes on in a run is one of these. None of them moves its clock. */
const CALLS = [
  "balances.transferKeepAlive",
  "commitments.setCommitment",
  // Weights, encrypted until their block is made.
  "mevShield.submitEncrypted",
  "subtensorModule.burnedRegister",
  "subtensorModule.serveAxon",
  "subtensorModule.setMechanismWeights",
];

const summarySchema = z.object({ digestsEqual: z.boolean(), faults: z.array(z.string()) });

/** Records whose window hangs on other blocks than the manifest's arithmetic says, and commitments that counted outside their phase. */
async function clockDifferences(
  onlooker: Onlooker,
  validators: readonly Hex[],
): Promise<{ readonly compared: number; readonly different: number }> {
  const { clock, subnet, windows } = onlooker;
  let [compared, different] = [0, 0];
  for (const { window, commits } of windows) {
    const hashes = {
      window: await subnet.blocks.hashOf(clock.seedBlock(window)),
      evaluation: await subnet.blocks.hashOf(clock.evaluationSeedBlock(window)),
    };
    for (const validator of validators) {
      const record = await onlooker.record(validator, window);
      if (record === null) continue;
      compared++;
      const { hashes: own } = record;
      if (own.window !== hashes.window || own.evaluation !== hashes.evaluation) different++;
    }
    for (const { block } of commits) {
      compared++;
      const [first, last] = [clock.firstCommitBlock(window), clock.deadlineBlock(window)];
      if (block < first || block > last) different++;
    }
  }
  return { compared, different };
}

/** In which window a process was started, and in which it held the parameters of the window that ran. */
type Joined = { readonly started: number; readonly caught: number };

/** Ends only when `work` fails, as it did. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return work.then(() => new Promise<never>(() => undefined));
}

/** Windows from the start of a process until it holds the parameters of the window that is running. */
async function catchUp(onlooker: Onlooker, hotkey: Hex): Promise<Joined> {
  const started = onlooker.now;
  const caught = await onlooker.until(
    "the joiner caught up",
    async () => {
      const { now } = onlooker;
      const window = (await onlooker.status(hotkey))?.window ?? -1;
      return window >= now ? window : null;
    },
    120_000,
  );
  return { started, caught };
}

/** Seconds of each window, in order; the first has no beginning that was seen. */
function secondsOf({ windows }: Onlooker): readonly number[] {
  return windows
    .slice(1)
    .map(({ endedAt }, index) => (endedAt - (windows[index]?.endedAt ?? 0)) / 1000);
}

test("R5", { timeout: 900_000 }, async (t) => {
  const began = performance.now();
  const rules = ["--set", "checkpoint.everyWindows=2", "--block-ms", String(BLOCK_MS)];
  const miners = minersOf(MINERS);
  const cast = ["--windows", "60", "--miners", `${miners}`, "--attack", "none", "--no-baseline"];
  const { net, nodes, onlooker, api, newcomer, hotkey, byWorkers } = await openSceneWithNewcomer(
    t,
    [...cast, ...rules],
    "joiner",
  );
  const { publicKey } = hotkey;
  const { clock } = onlooker;
  const where = ["--wallet", "joiner", "--netuid", String(nodes.netuid)];
  const pid = (name: string): number => nodes.nodes.find((node) => node.name === name)?.pid ?? 0;

  const joining = (async (): Promise<Joined> => {
    await newcomer.run("miner", "faucet", "--wallet", "joiner");
    await newcomer.run("miner", "register", ...where, "--yes");
    await onlooker.block(clock.startBlock(JOINS));
    newcomer.start("miner", ...where, "--device", "cpu");
    return catchUp(onlooker, publicKey);
  })();
  const going = (async () => {
    await onlooker.block(clock.startBlock(IS_KILLED) + 1);
    process.kill(pid("miner-1"), "SIGKILL");
    await onlooker.block(clock.startBlock(LEAVES) + 1);
    process.kill(pid("miner-2"), "SIGTERM");
  })();
  const joined: { is?: Joined } = {};
  void joining.then((is) => (joined.is = is)).catch(() => undefined);
  const isOver = ({ caught }: Joined): boolean =>
    onlooker.windows.length > Math.max(LEAVES, caught) + AFTER;
  while (joined.is === undefined || !isOver(joined.is))
    await Promise.race([onlooker.through(onlooker.windows.length), failureOf(joining)]);
  await going;
  const { started, caught } = joined.is;
  const last = onlooker.windows.length - 1;

  const validators = VALIDATORS.map((name) => hotkeyOf(nodes, name));
  const clocks = await clockDifferences(onlooker, validators);
  const calls = await signedCalls(api, clock.startBlock(0), clock.startBlock(last + 1) - 1);
  await api.disconnect();
  const kinds = counted(calls.map(({ call }) => call));
  const others = Object.keys(kinds).filter((call) => !CALLS.includes(call));

  const old = new Map(
    (await onlooker.digestsOf(hotkeyOf(nodes, "miner-3"))).map((one) => [one.window, one.digest]),
  );
  const own = (await onlooker.digestsOf(publicKey)).filter(({ window }) => old.has(window));
  const unequal = own.filter(({ window, digest }) => old.get(window) !== digest);
  const { different } = onlooker.comparison(last);
  const accepted = onlooker.windows.filter(({ acceptedUids, hotkeys }) =>
    acceptedUids.includes(hotkeys.indexOf(publicKey)),
  );
  const nulls = onlooker.windows.filter(({ acceptedUids }) => acceptedUids.length === 0);
  const seconds = secondsOf(onlooker);
  const helped = byWorkers();
  await onlooker.close();
  net.child.kill("SIGINT");
  await net.exited;
  const summary = summarySchema.parse(net.summary());
  report(ROWS.R5, began, {
    goals: [
      atMost("windows until the joiner caught up", caught - started, MOST_WINDOWS_TO_CATCH_UP),
      exactly("windows in which training paused", nulls.length, 0),
      exactly("joiner's parameters unlike an old peer's", unequal.length, 0),
      exactly("joiner's parameters compared with them", own.length > AFTER, true),
      exactly("windows with different parameters anywhere", different.length, 0),
      exactly("the joiner's work was accepted", accepted.length > 0, true),
      exactly("windows off the manifest's blocks", clocks.different, 0),
      exactly("calls that are no part of a window", others.join(" ") || "none", "none"),
      exactly("parameters derived again are equal", summary.digestsEqual, true),
      ...helped.goals,
    ],
    numbers: {
      miners,
      ...helped.numbers,
      windows: last + 1,
      joiner: {
        started,
        caught,
        checkpoint: Math.min(...own.map(({ window }) => window)),
        firstAccepted: accepted[0]?.window ?? null,
        windowsCompared: own.length,
      },
      killedIn: IS_KILLED,
      leftIn: LEAVES,
      acceptedByWindow: onlooker.windows.map(({ acceptedUids }) => acceptedUids.length),
      secondsByWindow: seconds.map((one) => Number(one.toFixed(1))),
      clockCompared: clocks.compared,
      calls: kinds,
      faults: summary.faults,
    },
  });
});
