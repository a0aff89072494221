/**
 * @file A validator with a worker is killed with SIGKILL while it judges, and started again: it judges the next window that begins after it is
 * back, records no window twice, and what it measures is, bit for bit, what the network's other validator measures, which has no workers. The
 * network is slow enough for a process to start within a window, since a local network does not wait for who is dead.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { RunningLocalnet } from "../support/localnet.ts";
import {
  named,
  doorOf,
  logOf,
  recordsOf,
  Started,
  startWorker,
  until,
  windowIn,
} from "./network.ts";
import { NO_REDIS } from "./stores.ts";

const BLOCK_MS = 700;
/** Windows that are compared after the validator is back. */
const AFTER = 3;
const CAST = ["--windows", "400", "--miners", "3", "--attack", "none", "--baseline", "false"];

/** What was measured of whom. */
const measuredIn = ({ miners }: WindowRecord): readonly (readonly unknown[])[] =>
  miners.map(({ uid, payloadDigest, losses }) => [uid, payloadDigest, losses]);

async function play(t: TestContext, queue: string): Promise<void> {
  const env = { ASSAY_WORKERS: "yes", ASSAY_QUEUE: queue };
  Object.assign(process.env, env);
  const net = new RunningLocalnet([...CAST, "--block-ms", `${BLOCK_MS}`, "--json"]);
  for (const key of Object.keys(env)) delete process.env[key];
  const started: Started[] = [];
  t.after(async () => {
    for (const { child } of started) child.kill("SIGKILL");
    net.child.kill("SIGINT");
    await net.exited;
    rmSync(net.output, { recursive: true, force: true });
  });
  const nodes = await net.nodes(400_000);
  const [judge, alone] = [named(nodes, "validator-1"), named(nodes, "validator-2")];
  const door = new URL(await until("the door", () => doorOf(judge)));
  const worker = startWorker(judge, "steady");
  started.push(worker);
  await worker.says(/evaluations for the validator/);

  const fresh = windowIn(logOf(judge));
  await until("a window's updates", () => windowIn(logOf(judge)) > fresh);
  const died = windowIn(logOf(judge));
  process.kill(judge.pid, "SIGKILL");
  const again = new Started([...judge.args, "--workers-port", door.port], env);
  started.push(again);
  await again.says(/caught up|worker steady joined/);
  const back = windowIn(logOf(alone));
  const last = back + AFTER;
  const newest = (): number => recordsOf(net.folder ?? "", judge).at(-1)?.window ?? -1;
  await until(`the record of window ${last}`, () => newest() >= last);
  await sleep(1000); // the other one's

  const folder = net.folder ?? "";
  const [mine, theirs] = [recordsOf(folder, judge), recordsOf(folder, alone)];
  const windows = mine.map(({ window }) => window);
  assert.deepEqual(windows, [...new Set(windows)], "no window is recorded twice");
  let compared = 0;
  for (const record of mine) {
    const { window } = record;
    const other = theirs.find((one) => one.window === window);
    if (other === undefined) continue;
    assert.equal(record.thetaBefore, other.thetaBefore, `window ${window}: parameters`);
    if (window <= back && window >= died) continue;
    const voted = record.voters.filter(({ votes }) => votes.some((vote) => vote.window === window));
    assert.equal(voted.length, 2, `window ${window}: both voted`);
    assert.deepEqual(measuredIn(record), measuredIn(other), `window ${window}: losses`);
    compared += 1;
  }
  for (let window = back + 1; window <= last; window++)
    assert.ok(windows.includes(window), `window ${window} is judged`);
  assert.ok(compared >= AFTER, `${compared} windows compared`);
  const missed = last + 1 - windows.filter((window) => window <= last).length;
  t.diagnostic(
    `${queue}: died in window ${died}, back in ${back}, ${compared} windows compared, ${missed} missed`,
  );
}

const LIMIT = { timeout: 1_200_000 };

test("killed while it judges, with a Redis of its own", { ...LIMIT, skip: NO_REDIS }, (t) =>
  play(t, "private-redis"),
);

test("killed while it judges, with a database inside", LIMIT, (t) => play(t, "pglite"));
