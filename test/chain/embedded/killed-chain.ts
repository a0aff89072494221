/**
 * @file A chain with a database that makes blocks of transfers until it is killed: prints number and hash of each once it is announced.
 * Arguments: the database, and number and hash of the last block that one before it announced, which must still be there.
 */
import assert from "node:assert/strict";
import { writeSync } from "node:fs";
import { key, openDevChain, signerFor, transfer } from "./dev-chain.ts";

const SENDERS = ["//Alice", "//Bob", "//Charlie", "//Dave"];
const [, , database = "", number = "0", hash = ""] = process.argv;
const chain = await openDevChain({ database });
assert.ok(chain.head().number >= Number(number), `block ${number} is lost`);
if (hash !== "") assert.equal(chain.blockHash(Number(number)), hash, "another block");
chain.subscribe((event) => {
  if (event.type === "finalized") writeSync(1, `${event.block.number} ${event.block.hash}\n`);
});
const signer = signerFor(chain);
const senders = SENDERS.map((uri) => key(uri));
for (;;) {
  for (const pair of senders)
    await chain.submit(transfer(signer, pair, chain.nextNonce(pair.publicKey)));
  await chain.seal();
}
