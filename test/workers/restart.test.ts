/**
 * @file A validator that is killed while it judges and started again at once judges the very next window, where a window is as long as a machine
 * takes to start a process; with a long log as with a short one. Records on both sides of the gap chain, and are those of the other validator.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { RunningLocalnet } from "../support/localnet.ts";
import { logOf, named, recordsOf, Started, until, windowIn } from "./network.ts";

/** Windows of eighteen seconds. */
const BLOCK_MS = 1500;
/** Windows that are judged before the kill: what is remembered at a start is made again from these. */
const BEFORE = 4;

test(
  "killed while it judges, a validator judges the next window",
  { timeout: 900_000 },
  async (t) => {
    const cast = ["--miners", "3", "--validators", "2", "--attack", "none"];
    const words = ["--windows", "60", "--no-baseline", "--json", "--block-ms", String(BLOCK_MS)];
    const net = new RunningLocalnet([...cast, ...words]);
    let again: Started | null = null;
    t.after(async () => {
      again?.child.kill("SIGKILL");
      net.child.kill("SIGINT");
      await net.exited;
      rmSync(net.output, { recursive: true, force: true });
    });
    const nodes = await net.nodes();
    const [alone, judge] = [named(nodes, "validator-1"), named(nodes, "validator-2")];
    await until(`window ${BEFORE}`, () => windowIn(logOf(judge)) >= BEFORE);
    const died = windowIn(logOf(judge));
    process.kill(judge.pid, "SIGKILL");
    const startedAt = performance.now();
    const process2 = new Started(judge.args);
    again = process2;
    await process2.says(/joined run/);
    const joinedSeconds = (performance.now() - startedAt) / 1000;
    await process2.says(/window \d+: \d+ commitments/);
    const judged = windowIn(process2.out);
    const judgingSeconds = (performance.now() - startedAt) / 1000;
    t.diagnostic(
      JSON.stringify({
        died,
        judged,
        joinedSeconds,
        judgingSeconds,
        windowSeconds: (12 * BLOCK_MS) / 1000,
      }),
    );
    assert.ok(
      judged <= died + 1,
      `it died in window ${died} and judged ${judged} next:\n${process2.out}`,
    );
    const folder = net.folder ?? "";
    const isRecorded = (): boolean =>
      [judge, alone].every((one) => (recordsOf(folder, one).at(-1)?.window ?? 0) > died + 1);
    await until("its next records", isRecorded);
    const others = new Map(recordsOf(folder, alone).map((record) => [record.window, record]));
    for (const { window, accepted, thetaBefore, thetaAfter } of recordsOf(folder, judge)) {
      const other = others.get(window);
      if (other === undefined) continue;
      assert.deepEqual(
        [accepted, thetaBefore, thetaAfter],
        [other.accepted, other.thetaBefore, other.thetaAfter],
      );
    }
    const windows = recordsOf(folder, judge).map(({ window }) => window);
    assert.ok(windows.includes(died + 1), `window ${died + 1} is recorded: ${windows.join()}`);
  },
);
