#!/usr/bin/env node
/**
 * @file `npm run test:backup`: keeps a local network while it runs, kills it, removes everything, restores it, and goes on to the end.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { livingWith, Observer, RunningLocalnet } from "../support/localnet.ts";
import { entryOf } from "../support/running.ts";
import { checkRecords } from "./records.ts";

const HELP = `npm run test:backup

A local network of 2 miners and 2 validators is kept with "subnet backup" in its fifth window, runs on, is killed and removed, restored with
"subnet restore", and goes on to its tenth. Prints what was kept and how the run ended; about a minute on two free cores.
`;
const WINDOWS = 10;
const WINDOW_MS = 240_000;
const ENDS_MS = 60_000;

const summarySchema = z.object({
  windows: z.number(),
  faults: z.array(z.string()),
  digestsEqual: z.boolean(),
  rederived: z.boolean(),
  windowsCompared: z.number(),
  missed: z.record(z.string(), z.number()),
  issued: z.string(),
  scheduled: z.string(),
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const subnet = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [entryOf("subnet"), ...args], { encoding: "utf8" }).trim();

/** Ends a network without a word, and waits until nobody works in its folder any more. */
async function killed(net: RunningLocalnet): Promise<void> {
  net.child.kill("SIGKILL");
  await net.exited;
  for (const until = performance.now() + ENDS_MS; livingWith(net.output).length > 0;) {
    assert.ok(performance.now() < until, "its processes did not end");
    await sleep(100);
  }
}

async function play(output: string): Promise<void> {
  const words = ["--windows", String(WINDOWS), "--miners", "2", "--attack", "none"];
  const net = new RunningLocalnet([...words, "--no-baseline", "--keep", "--json"]);
  const runs = net.output;
  try {
    const observer = await Observer.connect(await net.nodes());
    await observer.reached("validator-1", 4, WINDOW_MS);
    const folder = net.folder ?? "";
    const began = performance.now();
    say(subnet("backup", folder, "--output", output, "--open-keys").split("\n")[0] ?? "");
    say(`in ${(performance.now() - began).toFixed(0)} ms, while it ran`);
    // What comes after the backup is lost with the rest.
    await observer.reached("validator-1", 6, WINDOW_MS);
    await observer.close();
    await killed(net);
    rmSync(folder, { recursive: true });
    say(subnet("restore", output));
    assert.ok(existsSync(join(folder, "chain.sqlite")));
    const again = new RunningLocalnet(["--no-baseline", "--keep", "--json"], runs);
    const code = await again.exited;
    assert.equal(code, 0, again.stderr);
    const summary = summarySchema.parse(again.summary());
    assert.deepEqual(summary.faults, []);
    assert.equal(summary.windows, WINDOWS);
    assert.ok(summary.digestsEqual && summary.rederived);
    assert.equal(summary.issued, summary.scheduled);
    for (const [name, windows] of Object.entries(summary.missed))
      assert.ok(windows <= 1, `${name} missed ${windows} windows`);
    const logs = checkRecords(folder, WINDOWS);
    say(
      `restored: ${summary.windows} windows, equal parameters, derived again, ${logs} whole logs, missed ${JSON.stringify(summary.missed)}`,
    );
  } finally {
    net.child.kill("SIGKILL");
    rmSync(runs, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
  }
}

if (process.argv.includes("--help")) process.stdout.write(HELP);
else {
  const place = mkdtempSync(join(tmpdir(), "assay-kept-"));
  try {
    await play(join(place, "backup"));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
