/**
 * @file Every kind of optimiser, schedule and model that a config can name, each trained by a local network of its own on a tiny model: validators
 * accept, everybody derives the same, the loss falls, and an audit of what is left finds no difference.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { RunningLocalnet } from "../support/localnet.ts";

const WINDOWS = 3;
const TINY = { layers: 1, width: 32, hidden: 64 };

/** What a network is started with, beside a tiny model. */
type Kind = {
  readonly name: string;
  readonly set: Readonly<Record<string, string | number | boolean>>;
};

const KINDS: readonly Kind[] = [
  {
    name: "diloco, schedule wsd, llama with a head of its own",
    set: { "outer.optimizer": "diloco", "inner.schedule": "wsd", "model.untied": true },
  },
  {
    name: "demo, schedule flat, gpt2 with biases",
    set: {
      "outer.optimizer": "demo",
      "inner.schedule": "flat",
      "model.architecture": "gpt2",
      "model.bias": true,
    },
  },
  {
    name: "sparseloco with muon inside, schedule cosine, gpt2 with biases and a head of its own",
    set: {
      "inner.optimizer": "muon",
      "model.architecture": "gpt2",
      "model.bias": true,
      "model.untied": true,
    },
  },
];

const summarySchema = z.object({
  windows: z.number(),
  heldOutLoss: z.object({ start: z.number(), end: z.number() }),
  windowsWithUpdates: z.number(),
  digestsEqual: z.boolean(),
  windowsCompared: z.number(),
  missed: z.record(z.string(), z.number()),
  faults: z.array(z.string()),
});

const auditSchema = z.object({ differences: z.array(z.unknown()) });

for (const { name, set } of KINDS)
  test(
    `${name}: trained by a network, audited without a difference`,
    { timeout: 120_000 },
    async (t) => {
      const keys = Object.entries({
        ...Object.fromEntries(Object.entries(TINY).map(([key, value]) => [`model.${key}`, value])),
        ...set,
      });
      const network = `--windows ${WINDOWS} --miners 2 --validators 1 --attack none`.split(" ");
      const quick = ["--no-baseline", "--device", "cpu", "--json"];
      const chosen = keys.flatMap(([key, value]) => ["--set", `${key}=${value}`]);
      const net = new RunningLocalnet([...network, ...quick, ...chosen]);
      t.after(() => rmSync(net.output, { recursive: true, force: true }));
      assert.equal(await net.exited, 0, `${net.stderr}\n${net.stdout}`);
      const summary = summarySchema.parse(net.summary());
      t.diagnostic(JSON.stringify(summary));
      const { heldOutLoss, ...rest } = summary;
      assert.deepEqual(rest, {
        windows: WINDOWS,
        windowsWithUpdates: WINDOWS,
        digestsEqual: true,
        windowsCompared: WINDOWS + 1,
        missed: {},
        faults: [],
      });
      assert.ok(heldOutLoss.end < heldOutLoss.start - 0.25, JSON.stringify(heldOutLoss));
      const words = ["subnet/main.ts", "audit", net.folder ?? "", "--json"];
      const audit = spawnSync(process.execPath, words, { encoding: "utf8" });
      assert.equal(audit.status, 0, audit.stderr);
      assert.deepEqual(auditSchema.parse(JSON.parse(audit.stdout)).differences, []);
    },
  );
