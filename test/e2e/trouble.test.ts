/** @file Members in trouble: one that stands still, one that is killed, and the chain itself standing still. The chain waits only so long, and says whom it left behind. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { livingWith, type Nodes, Observer, RunningLocalnet } from "../support/localnet.ts";

function pidOf({ nodes }: Nodes, name: string): number {
  const node = nodes.find((one) => one.name === name);
  assert.ok(node, `${name} runs`);
  return node.pid;
}

/** Waits until the plain output holds `words`. */
async function said(net: RunningLocalnet, words: RegExp, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!words.test(net.stdout)) {
    assert.ok(
      performance.now() < until,
      `not said within ${timeoutMs} ms: ${words}\n${net.stdout}`,
    );
    await sleep(200);
  }
}

/** Longer than a request to the chain may take: whoever had asked it something does not know what became of it. */
const STALL_MS = 14_000;

function isChain(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("subnet/main.ts\0chain\0");
}

function chainOf({ output }: RunningLocalnet): number {
  const pid = livingWith(output).find(isChain);
  assert.ok(pid !== undefined, "the chain's process");
  return pid;
}

test(
  "a killed validator, a miner that stands still for a while, and a chain that does",
  { timeout: 300_000 },
  async (t) => {
    const words = ["--windows", "20", "--miners", "3", "--attack", "none", "--no-baseline"];
    const net = new RunningLocalnet(words);
    const nodes = await net.nodes();
    const observer = await Observer.connect(nodes);
    t.after(async () => {
      await observer.close();
      net.child.kill("SIGINT");
      await net.exited;
      rmSync(net.output, { recursive: true, force: true });
    });
    await observer.reached("validator-1", 2, 120_000);

    // 60 % of the stake are left: windows go on.
    process.kill(pidOf(nodes, "validator-2"), "SIGKILL");
    await said(
      net,
      /! validator-2 was killed by SIGKILL in window \d+; log \/.*validator-2\.log/,
      20_000,
    );

    const before = (await observer.status("validator-1"))?.window ?? 0;
    const still = pidOf(nodes, "miner-1");
    process.kill(still, "SIGSTOP");
    const stoppedAt = performance.now();
    await said(
      net,
      /! miner-1 does not answer since window \d+: the chain goes on without it; log \/.*miner-1\.log/,
      30_000,
    );
    await observer.reached("validator-1", before + 4, 40_000);
    t.diagnostic(
      `four windows took ${(performance.now() - stoppedAt).toFixed(0)} ms with a miner that stood still`,
    );
    assert.ok(performance.now() - stoppedAt < 40_000);
    process.kill(still, "SIGCONT");
    await said(net, /miner-1 takes part again/, 40_000);

    // Costs nobody a window: neither the one it stood still in, nor any later.
    const chain = chainOf(net);
    process.kill(chain, "SIGSTOP");
    await sleep(STALL_MS);
    process.kill(chain, "SIGCONT");

    await net.exited;
    t.diagnostic(net.stdout.slice(net.stdout.indexOf("held-out loss  ")));
    assert.match(net.stdout, /bit-identical on all nodes in every window/);
    assert.match(net.stdout, /MISSED: miner-1 \d+/);
    assert.doesNotMatch(net.stdout, /MISSED:.*miner-[23]/);
    assert.equal(await net.exited, 0, "the run itself worked");
  },
);
