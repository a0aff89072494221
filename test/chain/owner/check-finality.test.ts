/** @file `subnet check --endpoint`: the finality of a chain is watched, and phases that do not fit it are refused. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { z } from "zod";
import { connectChain } from "../../../chain/client/client.ts";
import { runCheck } from "../../../subnet/check/check.ts";
import { watchFinality } from "../../../subnet/check/measure-finality.ts";
import { checkOptions } from "../../../subnet/check/options.ts";
import { closeEndpoint, openEndpoint } from "../client/faulty.ts";
import { openTestChain, serveChain } from "../client/fixture.ts";

const BLOCK_MS = 60;
const LAG = 3;
const folder = mkdtempSync(join(tmpdir(), "assay-finality-"));
after(() => rmSync(folder, { recursive: true }));

const findingSchema = z.object({ rule: z.string(), level: z.string(), works: z.unknown() });
const reportSchema = z.object({ findings: z.array(findingSchema) });

/** What a check with these options says about the chain's finality. */
async function finding(options: {
  readonly endpoint?: string;
  readonly set?: readonly string[];
}): Promise<z.infer<typeof findingSchema> | undefined> {
  const file = join(folder, "subnet.toml");
  writeFileSync(file, "");
  let printed = "";
  await runCheck(checkOptions.parse({ file, measure: false, json: true, ...options }), {
    print: (text) => (printed += text),
    step: () => undefined,
  });
  const { findings } = reportSchema.parse(JSON.parse(printed));
  return findings.find(({ rule }) => rule === "measured finality");
}

test("a chain that finalises late is measured, and refused until the phases count with it", async () => {
  const chain = await serveChain(await openTestChain(), { sealing: BLOCK_MS });
  const late = await openEndpoint(chain.endpoint, LAG);
  try {
    const { endpoint } = late.proxy;
    assert.equal((await finding({ endpoint: chain.endpoint }))?.level, "ok");
    const found = await finding({ endpoint });
    assert.equal(found?.level, "refused");
    const works = [
      { key: "phases.finalityLag", value: LAG },
      { key: "phases.commit", value: LAG + 1 },
      { key: "phases.deadlineOffset", value: 4 + LAG },
    ];
    assert.deepEqual(found.works, [works]);
    const set = [`phases.finalityLag=${LAG}`];
    assert.equal((await finding({ endpoint, set }))?.level, "refused", "commitments come too late");
    set.push("phases.commit=4", `phases.deadlineOffset=${4 + LAG}`);
    assert.equal((await finding({ endpoint, set }))?.level, "ok");
    assert.equal(await finding({}), undefined);
  } finally {
    await closeEndpoint(late);
    chain.embedded.sealing?.stop();
    await chain.close();
    await chain.embedded.close();
  }
});

test("the pace of a chain is measured with it; one that makes too few blocks is said to", async () => {
  const chain = await serveChain(await openTestChain(), { sealing: BLOCK_MS });
  const client = await connectChain({ endpoints: [chain.endpoint] });
  try {
    const found = await watchFinality(client, { blocks: 8, mostMs: 20_000 });
    assert.equal(found.lag, 0);
    assert.ok(found.blocks > 8);
    // A busy machine makes them late, never early.
    assert.ok(found.blockMs > 0.7 * BLOCK_MS, `${found.blockMs} ms`);
    chain.embedded.sealing?.stop();
    await assert.rejects(watchFinality(client, { blocks: 8, mostMs: 200 }), /too few to measure/);
  } finally {
    await client.close();
    chain.embedded.sealing?.stop();
    await chain.close();
    await chain.embedded.close();
  }
});
