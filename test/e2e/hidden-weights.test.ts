/** @file A network that hides weights: a validator killed between commit and reveal reveals once it is back; then everything is audited. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { connectChain } from "../../chain/client/client.ts";
import { Observer, RunningLocalnet } from "../support/localnet.ts";

/** An epoch must be longer than a process takes to start. */
const [BLOCK_MS, TEMPO] = [300, 60] as const;
const LOOK_MS = 50;
const EPOCH_MS = BLOCK_MS * TEMPO;

const OPTIONS =
  `--windows 14 --miners 2 --attack none --no-baseline --json --keep --block-ms ${BLOCK_MS} --set hyperparameters.commitReveal=true --set chain.tempo=${TEMPO}`.split(
    " ",
  );

/** The first value that `look` finds. */
async function seen<T>(look: () => Promise<T | null>, timeoutMs: number): Promise<T> {
  for (const until = performance.now() + timeoutMs; performance.now() < until;) {
    const found = await look();
    if (found !== null) return found;
    await sleep(LOOK_MS);
  }
  throw new Error(`nothing came in ${timeoutMs} ms`);
}

test(
  "a validator killed after its commit reveals it in time, and the audit finds no difference",
  { timeout: 400_000 },
  async (t) => {
    const net = new RunningLocalnet(OPTIONS);
    const nodes = await net.nodes();
    const chain = await connectChain({ endpoints: [nodes.endpoint] });
    const observer = await Observer.connect(nodes);
    let again: ChildProcess | null = null;
    t.after(async () => {
      await observer.close();
      await chain.close();
      net.child.kill("SIGINT");
      await net.exited;
      again?.kill("SIGTERM");
      rmSync(net.output, { recursive: true, force: true });
    });
    const { netuid } = nodes;
    const node = nodes.nodes.find(({ name }) => name === "validator-2");
    assert.ok(node !== undefined);
    const commits = async () => chain.commits(netuid, node.ss58);

    const commit = await seen(async () => (await commits()).open.at(-1) ?? null, 8 * EPOCH_MS);
    process.kill(node.pid, "SIGKILL");
    const { revealEpoch } = await seen(async () => {
      const { open, epoch } = await commits();
      // What it sent with its last breath may have come meanwhile.
      return open.findLast((one) => one.revealEpoch === epoch) ?? null;
    }, 3 * EPOCH_MS);
    assert.equal(revealEpoch, commit.revealEpoch);
    again = spawn(process.execPath, [`${node.role}/main.ts`, ...node.args]);
    let said = "";
    for (const stream of [again.stdout, again.stderr])
      stream?.on("data", (part: Buffer) => (said += part.toString()));
    await seen(async () => {
      const { open, expired, epoch } = await commits();
      assert.ok(epoch <= revealEpoch && expired.length === 0, `it came too late:\n${said}`);
      return open.every((one) => one.revealEpoch > revealEpoch) ? true : null;
    }, 2 * EPOCH_MS);
    const hotkeys = await chain.hotkeys(netuid);
    const { weights } = await chain.epochTerms(netuid, hotkeys);
    const uid = hotkeys.findIndex((hotkey) => hotkey === node.hotkey);
    assert.ok((weights[uid] ?? []).length > 0, "its weights are on the chain");

    assert.equal(await net.exited, 0, net.stderr.slice(-2000));
    again.kill("SIGTERM");
    const args = ["subnet/main.ts", "audit", net.folder ?? "", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 });
    t.diagnostic(stdout.trim().slice(-400));
    assert.match(stdout, /"differences":\[\]/);
  },
);
