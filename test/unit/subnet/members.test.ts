/** @file The cast of a local network and its genesis: who is there, with what stake, in which order. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { isPartTime, PART_TIME } from "../../../src/command/strategies.ts";
import {
  createMembers,
  isCheater,
  isMiner,
  type Kind,
  kindsOf,
} from "../../../subnet/localnet/members.ts";
import { defaultConfig } from "../../../subnet/config/resolve.ts";
import { genesisOf } from "../../../subnet/localnet/genesis.ts";

const options = fc.record({
  miners: fc.integer({ min: 1, max: 32 }),
  validators: fc.integer({ min: 1, max: 8 }),
  attacks: fc.array(fc.constantFrom("copy", "noise", "replay"), { maxLength: 5 }),
  shares: fc.array(fc.constantFrom(...PART_TIME), { maxLength: 5 }),
});

const labelOf = (kind: Kind): string =>
  isPartTime(kind) ? "share" : isCheater(kind) ? "cheat" : kind;

test("the owner is uid 0, then validators, honest miners, those who do a share, cheaters; no two have one name", () => {
  fc.assert(
    fc.property(options, ({ miners, validators, attacks, shares }) => {
      const partTime = shares.length === 0 ? "none" : shares.join(",");
      const attack = attacks.length === 0 ? "none" : attacks.join(",");
      const members = kindsOf({ miners, validators, attack, partTime });
      const others = attacks.length + shares.length;
      assert.equal(members.length, 1 + validators + miners + others);
      assert.equal(new Set(members.map((one) => one.name)).size, members.length);
      assert.equal(members[0]?.kind, "owner");
      const order = ["owner", "validator", "honest", "share", "cheat"];
      const ranks = members.map(({ kind }) => order.indexOf(labelOf(kind)));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
      assert.equal(members.filter(({ kind }) => isMiner(kind)).length, miners + others);
      assert.deepEqual(
        members.filter(({ kind }) => isCheater(kind)).map(({ kind }) => kind),
        attacks,
      );
    }),
  );
});

test("everybody has wallets of their own; genesis holds owner and validators, miners register", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-cast-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const cast = await createMembers({ miners: 1, validators: 2, attack: "copy" }, folder);
  const keys = cast.flatMap(({ hotkey, coldkey }) => [hotkey.publicKey, coldkey.publicKey]);
  assert.equal(new Set(keys).size, 10);
  const stakes = cast.map((member) => member.stakeRao);
  assert.deepEqual(stakes, [0n, 600_000_000_000_000n, 400_000_000_000_000n, 0n, 0n]);
  const schema = z.object({
    balances: z.object({ balances: z.array(z.tuple([z.string(), z.number().int()])) }),
    subtensorModule: z.object({
      networks: z.tuple([
        z.object({
          netuid: z.literal(5),
          tempo: z.literal(12),
          ownerColdkey: z.string(),
          neurons: z.array(z.object({ hotkey: z.string(), validatorPermit: z.boolean() })),
        }),
      ]),
    }),
  });
  const genesis = schema.parse(
    genesisOf(cast, { chain: { ...defaultConfig().chain, netuid: 5, tempo: 12 } }),
  );
  const [network] = genesis.subtensorModule.networks;
  assert.equal(network.ownerColdkey, cast[0]?.coldkey.ss58);
  assert.deepEqual(
    network.neurons.map((one) => [one.hotkey, one.validatorPermit]),
    cast.slice(0, 3).map((member, index) => [member.hotkey.ss58, index > 0]),
  );
  const funded = new Map(genesis.balances.balances);
  for (const { hotkey, coldkey, stakeRao } of cast) {
    assert.ok(funded.has(hotkey.ss58));
    const balance = funded.get(coldkey.ss58) ?? 0;
    assert.ok(balance > Number(stakeRao), "stake is taken out of the coldkey's balance");
  }
});
