/** @file Nodes that die or come late: SIGKILL and restart, a wiped validator, a wiped miner. All end with equal parameters. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Nodes, Observer, RunningLocalnet } from "../support/localnet.ts";

/** About what a window takes; the chain waits for its nodes, so that a slow machine takes longer. */
const WINDOW_MS = 2000;
/** The demo writes one every ten windows. */
const FIRST_CHECKPOINT = 10;

function named(nodes: Nodes, name: string): Nodes["nodes"][number] {
  const node = nodes.nodes.find((one) => one.name === name);
  assert.ok(node, `${name} runs`);
  return node;
}

function restart(node: Nodes["nodes"][number]): ChildProcess {
  return spawn(process.execPath, [`${node.role}/main.ts`, ...node.args], { stdio: "ignore" });
}

/** The first window from `from` on in which `uid`'s update was accepted, by a validator's records. */
async function acceptedFrom(observer: Observer, uid: number, from: number): Promise<number> {
  for (let window = from; window < from + 12; window++) {
    await observer.reached("validator-1", window + 1, 15 * WINDOW_MS);
    for (let attempt = 0; attempt < 20; attempt++) {
      const record = await observer.record("validator-1", window);
      if (record?.accepted.includes(uid) === true) return window;
      if (record !== null) break;
      await sleep(100);
    }
  }
  throw new Error(`uid ${uid} was not accepted from window ${from} on`);
}

test("killed, wiped and late nodes catch up and agree", { timeout: 300_000 }, async (t) => {
  const net = new RunningLocalnet([
    "--windows",
    "34",
    "--attack",
    "none",
    "--baseline",
    "false",
    "--json",
  ]);
  const restarted: ChildProcess[] = [];
  const nodes = await net.nodes();
  const observer = await Observer.connect(nodes);
  t.after(async () => {
    await observer.close();
    net.child.kill("SIGINT");
    await net.exited;
    for (const child of restarted) child.kill("SIGTERM");
    rmSync(net.output, { recursive: true, force: true });
  });
  await observer.reached("miner-1", 3, 120_000);

  // A miner killed outright comes back with its state and takes part within two windows.
  process.kill(named(nodes, "miner-1").pid, "SIGKILL");
  await sleep(WINDOW_MS);
  restarted.push(restart(named(nodes, "miner-1")));
  const back = await observer.reached("miner-1", 4, 60_000);
  const uid = await observer.uid("miner-1");
  const accepted = await acceptedFrom(observer, uid, back);
  t.diagnostic(`miner-1 back in window ${back}, accepted again in window ${accepted}`);
  assert.ok(accepted <= back + 2, `accepted in window ${accepted}, back in ${back}`);

  // A validator and a miner that start late with nothing but their wallets catch up by checkpoint and accepted updates.
  await observer.reached("validator-1", FIRST_CHECKPOINT + 2, 30 * WINDOW_MS);
  for (const name of ["validator-2", "miner-2"]) {
    const node = named(nodes, name);
    process.kill(node.pid, "SIGKILL");
    rmSync(join(net.folder ?? "", "nodes", node.ss58), { recursive: true, force: true });
    const before = (await observer.status("validator-1"))?.window ?? 0;
    restarted.push(restart(node));
    const joined = await observer.reached(name, before, 60_000);
    await observer.reached("validator-1", joined + 2, 15 * WINDOW_MS);
    await observer.reached(name, joined + 2, 15 * WINDOW_MS);
    const reference = new Map(
      (await observer.digests("validator-1")).map((one) => [one.window, one.digest]),
    );
    const own = await observer.digests(name);
    t.diagnostic(`${name} joined late in window ${joined}, compared ${own.length} windows`);
    assert.ok(
      own.some((one) => one.window === joined + 1),
      "it holds the next window",
    );
    for (const { window, digest } of own)
      if (reference.has(window))
        assert.equal(digest, reference.get(window), `${name}, window ${window}`);
  }
});
