/** @file Which run a subnet publishes, as its identity says it. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import { publishedRun } from "../../../src/run/join.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { stub } from "../stub.ts";

const RUN = `0x${"ab".repeat(32)}`;
const published = (identity: string | null): Promise<string | null> =>
  publishedRun(
    stub<Subnet>({
      netuid: 1,
      chain: stub<ChainClient>({ subnetIdentity: async () => identity }),
    }),
  );

test("the run id stands in the subnet's identity, whatever stands around it", async () => {
  assert.equal(await published(`assay:run=${RUN}`), RUN);
  assert.equal(await published(`site=x; assay:run=${RUN}; more`), RUN);
});

test("no identity, no key, a short or an uppercase id is no run", async () => {
  for (const text of [null, "", "assay:run=", `assay:run=${RUN.slice(0, 64)}`, `run=${RUN}`])
    assert.equal(await published(text), null, String(text));
  assert.equal(await published(`assay:run=${RUN.toUpperCase()}`), null);
});
