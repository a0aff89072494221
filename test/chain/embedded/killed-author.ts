/** @file A chain with a database whose author makes blocks until it is killed; prints the key that its first block told. */
import { setTimeout as sleep } from "node:timers/promises";
import { toHex } from "../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { ShieldAuthor } from "../../../chain/embedded/shield.ts";
import { nextKey } from "./carriers.ts";
import { openDevChain } from "./dev-chain.ts";

const [, , database = ""] = process.argv;
await cryptoReady();
const chain = await openDevChain({
  database,
  author: new ShieldAuthor(`${database}.shield-keys`),
});
await chain.seal();
const key = nextKey(chain);
if (key === null) throw new Error("the first block told no key");
process.stdout.write(`${toHex(key)}\n`);
for (;;) {
  await chain.seal();
  await sleep(50);
}
