/**
 * @file `npm run test:tensorboard`: TensorBoard's own loader reads what a local network drew. Needs python3 with venv, and PyPI at first use
 * (60 MB of packages); skipped aloud without. ASSAY_TENSORBOARD may name a Python that has it.
 */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { CurveFile } from "../../src/metrics/curves.ts";
import { RunningLocalnet } from "../support/localnet.ts";

const call = promisify(execFile);
const PACKAGE = "tensorboard==2.21.0";
const WINDOWS = 3;

const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = {}
for folder in sys.argv[1:]:
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    found[folder] = {
        tag: [[one.step, one.value] for one in events.Scalars(tag)] for tag in events.Tags()["scalars"]
    }
print(json.dumps(found))
`;

const foundSchema = z.record(
  z.string(),
  z.record(z.string(), z.array(z.tuple([z.number(), z.number()]))),
);

/** A Python with TensorBoard, or why there is none. */
async function findPython(): Promise<{ readonly python: string } | { readonly missing: string }> {
  const own = process.env["ASSAY_TENSORBOARD"];
  if (own !== undefined) return { python: own };
  const folder = join(tmpdir(), `assay-${PACKAGE.replace("==", "-")}`);
  const python = join(folder, "bin", "python");
  const done = join(folder, "installed");
  if (existsSync(done)) return { python };
  try {
    mkdirSync(folder, { recursive: true });
    await call("python3", ["-m", "venv", "--clear", folder]);
    await call(python, ["-m", "pip", "install", "--quiet", "--no-cache-dir", PACKAGE]);
    writeFileSync(done, "");
    return { python };
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { missing: `no Python with ${PACKAGE} here: ${reason}` };
  }
}

const found = await findPython();
const skip = "missing" in found ? found.missing : false;

async function read(folders: readonly string[]): Promise<z.output<typeof foundSchema>> {
  const python = "python" in found ? found.python : "";
  const { stdout } = await call(python, ["-c", READER, ...folders]);
  return foundSchema.parse(JSON.parse(stdout));
}

test("values and steps come back as they were written, whatever the tag", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-curves-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = new CurveFile({ folder, first: 0, fault: (error) => assert.fail(String(error)) });
  const steps = [0, 1, 127, 128, 300, 2 ** 31, 2 ** 40];
  for (const step of steps) await file.add([{ tag: "loss/uid=3 é", step, value: step / 3 }]);
  const tags = (await read([folder]))[folder];
  assert.deepEqual(
    tags?.["loss/uid=3 é"],
    steps.map((step) => [step, Math.fround(step / 3)]),
  );
});

test("a local network's curves, one folder a node", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-curves-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const size = ["--miners", "2", "--validators", "1", "--attack", "none", "--no-baseline"];
  const net = new RunningLocalnet([...size, "--windows", String(WINDOWS), "--tensorboard", folder]);
  t.after(async () => {
    net.child.kill("SIGKILL");
    await net.exited;
    rmSync(net.output, { recursive: true, force: true });
  });
  assert.equal(await net.exited, 0, net.stdout + net.stderr);
  const nodes = ["miner-1", "miner-2", "validator-1"];
  assert.deepEqual(readdirSync(folder).toSorted(), nodes);
  const placeOf = (node: string): string => {
    const runs = readdirSync(join(folder, node));
    assert.equal(runs.length, 1, "one folder a run");
    return join(folder, node, ...runs);
  };
  const curves = await read(nodes.map(placeOf));
  const curve = (node: string, tag: string): readonly (readonly [number, number])[] =>
    curves[placeOf(node)]?.[tag] ?? assert.fail(`${node} drew no ${tag}`);
  const windows = Array.from({ length: WINDOWS }, (_, window) => window);
  for (const node of nodes.slice(0, 2)) {
    const losses = curve(node, "assay_training_loss_nats");
    assert.deepEqual(
      losses.map(([step]) => step),
      windows,
    );
    assert.ok((losses.at(-1)?.[1] ?? 9) < (losses[0]?.[1] ?? 0), "it learns");
  }
  const judged = curve("validator-1", "assay_record_updates_seen");
  assert.ok(judged.length >= WINDOWS - 1 && judged.every(([, seen]) => seen === 2));
  const heldOut = curve("validator-1", "assay_held_out_loss_nats");
  t.diagnostic(
    `held-out loss as TensorBoard reads it: ${heldOut.map(([, loss]) => loss.toFixed(2)).join(" ")}`,
  );
  assert.ok(heldOut.length >= WINDOWS - 1);
});
