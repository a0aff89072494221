/**
 * @file Workers of a validator as real processes: one is killed in the middle of an evaluation, one lies, one stands still; their queue is
 * killed and full; the validator itself is killed and comes back. Until then it votes in every window and records bit for bit what another
 * validator records that has no workers; afterwards, with windows missing, its losses are the same bits where it clips to the same norms.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { RunningLocalnet } from "../support/localnet.ts";
import {
  doorOf,
  logOf,
  named,
  type Node,
  recordsOf,
  Started,
  startWorker,
  until,
  windowIn,
  windowsLater,
} from "./network.ts";
import { NO_REDIS, ownDatabase, ownRedis, sharedRedis, type TestStore } from "./stores.ts";

/** More than the faults take; the network is stopped after them. */
const WINDOWS = "400";
/** As long as the machine of a worker might stand still. */
const PAUSE_MS = 60_000;
const WORKS = /evaluations for the validator/;

/** A network with workers, while faults are made. */
type Scene = {
  readonly t: TestContext;
  readonly net: RunningLocalnet;
  readonly store: TestStore;
  /** What the network's validators are told. */
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly judge: Node;
  readonly worker: (name: string, losses?: "lie" | "slow") => Started;
};

/** One dies in the middle of an evaluation, one lies, two are left; those. */
async function workersFail({ judge, worker }: Scene): Promise<readonly [Started, Started]> {
  const slow = worker("slow", "slow");
  const honest = worker("honest");
  const liar = worker("liar", "lie");
  await slow.says(/measuring slowly/);
  slow.child.kill("SIGKILL");
  await liar.says(/worker-refused/);
  assert.notEqual(await liar.exited, 0);
  assert.match(liar.out, /wrong losses/);
  await until("its name", () =>
    /worker liar \(hotkey .*\) gives wrong losses and is refused/.test(logOf(judge)),
  );
  const steady = worker("steady");
  await honest.says(WORKS);
  await steady.says(WORKS);
  return [honest, steady];
}

/** The queue's store is killed, and then takes nothing for some windows. */
async function queueFails({ t, judge, store, folder }: Scene, steady: Started): Promise<void> {
  if (await store.kill(judge, folder)) {
    const said = steady.out.length;
    await steady.says(WORKS, said);
  } else t.diagnostic("this store dies with the validator alone");
  if (!(await store.fill(true, judge, folder))) return;
  await windowsLater(() => logOf(judge), 3);
  const heard = logOf(judge).length;
  await store.fill(false, judge, folder);
  await until("the queue", () =>
    /the queue of evaluations is back/.test(logOf(judge).slice(heard)),
  );
  const said = steady.out.length;
  await steady.says(WORKS, said);
}

/** A worker's machine stands still for a minute while it has tasks. */
async function workerPauses({ judge }: Scene, honest: Started): Promise<void> {
  const before = windowIn(logOf(judge));
  honest.child.kill("SIGSTOP");
  await sleep(PAUSE_MS);
  honest.child.kill("SIGCONT");
  assert.ok(windowIn(logOf(judge)) > before, "windows went on");
  const said = honest.out.length;
  await honest.says(WORKS, said);
  assert.doesNotMatch(logOf(judge), /worker (?:honest|steady) .* is refused/);
}

/** The validator is killed in the middle of judging and started again; the window in which it died, and its new process. */
async function validatorDies(
  { judge, env }: Scene,
  steady: Started,
): Promise<readonly [number, Started]> {
  const port = new URL(doorOf(judge) ?? "").port;
  const fresh = windowIn(logOf(judge));
  await until("a window's updates", () => windowIn(logOf(judge)) > fresh);
  const died = windowIn(logOf(judge));
  process.kill(judge.pid, "SIGKILL");
  const again = new Started([...judge.args, "--workers-port", port], env);
  const said = steady.out.length;
  await again.says(/worker steady joined/);
  await steady.says(WORKS, said);
  await windowsLater(() => again.out, 3);
  return [died, again];
}

/** What was measured of whom, of those that `others` measured too: who came back within a window has missed what was revealed in it. */
const lossesOf = (
  rows: WindowRecord["miners"],
  others: WindowRecord["miners"],
): readonly (readonly unknown[])[] =>
  rows
    .filter(({ uid }) => others.some((one) => one.uid === uid && one.losses !== null))
    .map(({ uid, payloadDigest, losses }) => [uid, payloadDigest, losses]);

/** Of whom both validators measured the same; fails where they measured something else. */
function measuredByBoth(mine: WindowRecord, theirs: WindowRecord): ReadonlySet<unknown> {
  const both = [lossesOf(mine.miners, theirs.miners), lossesOf(theirs.miners, mine.miners)];
  const [here = [], there] = both.map((rows) => rows.filter(([, , losses]) => losses !== null));
  assert.deepEqual(here, there, `window ${mine.window}: losses`);
  return new Set(here.map(([uid]) => uid));
}

/** Records of the validator with workers against those of the one without. */
function compare(
  mine: readonly WindowRecord[],
  theirs: readonly WindowRecord[],
  died: number,
): void {
  const others = new Map(theirs.map((record) => [record.window, record]));
  let isWhole = true;
  const compared = { before: 0, after: 0 };
  for (const [at, record] of mine.entries()) {
    const { window, miners, voters, accepted, thetaBefore, usual } = record;
    const other = others.get(window);
    if (other === undefined) continue;
    const lost = window - (mine[at - 1]?.window ?? -1) - 1;
    // A local network does not wait for who is dead: with or without workers it is back some windows later.
    assert.ok(lost === 0 || window >= died, `${lost} windows are missing before ${window}`);
    isWhole &&= lost === 0;
    assert.deepEqual([accepted, thetaBefore], [other.accepted, other.thetaBefore]);
    // Who missed the window before clips updates to other norms.
    if (!isWhole && !isDeepStrictEqual(usual, other.usual)) continue;
    const uids = measuredByBoth(record, other);
    compared[window < died ? "before" : "after"] += uids.size;
    // Scores rest on all windows before.
    if (isWhole) assert.deepEqual(miners, other.miners, `window ${window}: finals and weights`);
    if (window >= died) continue;
    const unmeasured = accepted.filter((uid) => !uids.has(uid));
    assert.deepEqual(unmeasured, [], `window ${window}: accepted, and not measured by both`);
    const voted = voters.filter(({ votes }) => votes.some((vote) => vote.window === window));
    assert.equal(voted.length, 2, `window ${window}: both voted`);
  }
  assert.ok(compared.before > 0, "losses from before the validator's death are compared");
  assert.ok(compared.after > 0, "losses from after the validator's death are compared");
}

async function play(t: TestContext, store: TestStore): Promise<void> {
  const env = { ASSAY_WORKERS: "yes", ...store.env };
  Object.assign(process.env, env);
  const net = new RunningLocalnet(["--windows", WINDOWS, "--baseline", "false", "--json"]);
  for (const key of Object.keys(env)) delete process.env[key];
  const started: Started[] = [];
  t.after(async () => {
    for (const { child } of started) child.kill("SIGKILL");
    net.child.kill("SIGINT");
    await net.exited;
    await store.close();
    rmSync(net.output, { recursive: true, force: true });
  });
  const nodes = await net.nodes();
  const [judge, alone] = [named(nodes, "validator-1"), named(nodes, "validator-2")];
  const folder = net.folder ?? "";
  await until("the door", () => doorOf(judge));
  const scene: Scene = {
    t,
    net,
    store,
    env,
    folder,
    judge,
    worker(name, losses) {
      const worker = startWorker(judge, name, losses);
      started.push(worker);
      return worker;
    },
  };
  t.diagnostic("workers fail");
  const [honest, steady] = await workersFail(scene);
  t.diagnostic("the queue fails");
  await queueFails(scene, steady);
  t.diagnostic("a worker stands still");
  await workerPauses(scene, honest);
  t.diagnostic("the validator dies");
  const [died, again] = await validatorDies(scene, steady);
  started.push(again);
  assert.doesNotMatch(logOf(judge), /too late to vote/);
  const [mine, theirs] = [recordsOf(folder, judge), recordsOf(folder, alone)];
  assert.ok((mine.at(-1)?.window ?? 0) > died, `it died in window ${died} and recorded none later`);
  compare(mine, theirs, died);
  const lost = (mine.at(-1)?.window ?? 0) + 1 - mine.length;
  t.diagnostic(`${mine.length} windows; the validator died in window ${died} and missed ${lost}`);
}

const LIMIT = { timeout: 1_800_000 };

test("a Redis of the validator's own", { ...LIMIT, skip: NO_REDIS }, (t) => play(t, ownRedis()));

test("a Redis that others run", { ...LIMIT, skip: NO_REDIS }, async (t) =>
  play(t, await sharedRedis()),
);

test("a database inside the validator", LIMIT, (t) => play(t, ownDatabase()));
