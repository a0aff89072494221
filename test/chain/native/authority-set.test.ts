/** @file A change of authorities on the embedded chain, which runs the same runtime: what lands in state and headers. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import type { EmbeddedChain } from "../../../chain/embedded/chain.ts";
import { toHex } from "../../../chain/embedded/codec/bytes.ts";
import { authorityKeys } from "../../../chain/native/authority-keys.ts";
import { authorityChange, setStorageCall } from "../../../chain/native/authority-set.ts";
import { publicKeyOf } from "../../../chain/wallet/account.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { openDevelopmentChain, serveChain, type TestChain } from "../client/fixture.ts";

const alice = signerFromUri("//Alice");
const authorities = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve"].map(
  (name) => authorityKeys(name).authority,
);
const makers = authorities.map(({ aura }) => publicKeyOf(aura));
const voters = authorities.map(({ grandpa }) => publicKeyOf(grandpa));
/** Consensus item (4) of GRANDPA. */
const FROM_GRANDPA = toHex(Uint8Array.of(4, ...Buffer.from("FRNK")));

let chain: TestChain;
let embedded: EmbeddedChain;
let client: ChainClient;
before(async () => {
  embedded = await openDevelopmentChain();
  chain = await serveChain(embedded);
  client = await connectChain({ endpoints: [chain.endpoint] });
});
after(async () => {
  await client.close();
  await chain.close();
});

/** What block `number` announces to voters. */
function announcedIn(number: number): string[] {
  const header = embedded.header(embedded.blockHash(number) ?? assert.fail("no such block"));
  return (header?.logs ?? [])
    .map((log) => toHex(log))
    .filter((log) => log.startsWith(FROM_GRANDPA));
}

/** Root sets `scheduledAt` blocks from now; gives the announced block and the one with the call. */
async function changeIn(blocks: number): Promise<{ scheduledAt: number; included: number }> {
  const now = await client.authorities();
  const scheduledAt = embedded.head().number + blocks;
  const call = setStorageCall(authorityChange({ ...now, authorities, scheduledAt }));
  const { block } = await client.submit(alice, { pallet: "Sudo", name: "sudo", args: [call] });
  return { scheduledAt, included: block.number };
}

describe("a change of authorities", () => {
  it("begins with the one of the development genesis", async () => {
    const { makers: now, voters: vote, setId } = await client.authorities();
    assert.deepEqual([now, vote, setId], [makers.slice(0, 1), voters.slice(0, 1), 0n]);
  });

  it("is in force for makers at once, and for voters after the header that announces it", async () => {
    const { scheduledAt, included } = await changeIn(4);
    assert.ok(included < scheduledAt);
    const then = await client.authorities();
    assert.deepEqual([then.makers, then.voters, then.setId], [makers, voters.slice(0, 1), 1n]);
    while (embedded.head().number < scheduledAt + 2) await embedded.seal();
    const numbers = Array.from({ length: scheduledAt + 2 }, (_, at) => at + 1);
    const announcing = numbers.filter((number) => announcedIn(number).length > 0);
    assert.deepEqual(announcing, [scheduledAt]);
    const [announced = ""] = announcedIn(scheduledAt);
    for (const voter of voters) assert.ok(announced.includes(voter.slice(2)));
    assert.deepEqual((await client.authorities()).voters, voters);
  });

  it("that comes too late changes no voter, and can be sent again", async () => {
    const [one] = authorities;
    assert.ok(one !== undefined);
    const { number } = embedded.head();
    const then = await client.authorities();
    const late = authorityChange({ ...then, authorities: [one], scheduledAt: number });
    const args = [setStorageCall(late)];
    await client.submit(alice, { pallet: "Sudo", name: "sudo", args });
    for (let more = 0; more < 3; more++) await embedded.seal();
    assert.deepEqual((await client.authorities()).voters, voters);
    assert.equal((await client.authorities()).isChanging, true);
    const again = await changeIn(3);
    while (embedded.head().number < again.scheduledAt + 1) await embedded.seal();
    assert.equal(announcedIn(again.scheduledAt).length, 1);
    const { setId, isChanging } = await client.authorities();
    assert.deepEqual([setId, isChanging], [then.setId + 1n, false]);
  });

  it("to nobody is refused before it is sent", () => {
    assert.throws(
      () => authorityChange({ authorities: [], setId: 0n, isChanging: false, scheduledAt: 9 }),
      RangeError,
    );
  });
});
