/** @file An audit of runs under the outer optimisers that are not the default: nothing differs, and one byte is named, also of a momentum. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { Lifecycle } from "../../../../src/command/lifecycle.ts";
import type { RunManifest } from "../../../../src/protocol/manifest.ts";
import { joinRun } from "../../../../src/run/join.ts";
import { compare, derive } from "../../../../subnet/audit/audit.ts";
import { openFolder } from "../../../../subnet/recorded/folder.ts";
import { flips, names } from "../../../support/flips.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { playedRun } from "./played-run.ts";

const step = (): void => undefined;
const { outer } = EXAMPLE_MANIFEST;

const KINDS: readonly { readonly name: string; readonly change: Partial<RunManifest> }[] = [
  {
    name: "diloco",
    change: {
      codec: { k: 4096, chunk: 4096 },
      outer: { ...outer, optimizer: "diloco", momentum: 0.9 },
    },
  },
  { name: "demo", change: { outer: { ...outer, alpha: 0.004, optimizer: "demo" } } },
];

for (const { name, change } of KINDS)
  test(`${name}: everything follows from the chain and the payloads, and flipped bytes are found`, async () => {
    const lifecycle = new Lifecycle();
    const folder = await playedRun({ change });
    try {
      const recorded = await openFolder(folder, { lifecycle, step });
      const { signal } = lifecycle;
      const run = await joinRun(recorded.subnet, { signal });
      assert.equal(run.sharedLayout.total, (name === "diloco" ? 2 : 1) * run.layout.total);
      const derived = await derive(recorded, { run, signal, evaluate: false });
      const report = await compare(recorded, derived);
      assert.deepEqual(report.differences, []);
      assert.deepEqual([report.from, report.to], [0, 5]);
      const seed = 3;
      for await (const { flip, found } of flips(recorded, derived, { seed, count: 12 }))
        assert.ok(
          names(found, flip, recorded),
          `${flip.path} byte ${flip.offset} ^ ${flip.mask} (seed ${seed}): ${JSON.stringify(found)}`,
        );
    } finally {
      await lifecycle.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
