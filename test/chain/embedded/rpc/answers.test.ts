/** @file A question that took long is answered once a block. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hex, NO_BYTES, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { Answers } from "../../../../chain/embedded/rpc/answers.ts";
import { openDevChain } from "../dev-chain.ts";

test("answers are kept until the state changes", async (t) => {
  const chain = await openDevChain();
  t.after(async () => chain.close());
  const answers = new Answers(chain);
  let made = 0;
  const metadata = (): Hex => {
    made++;
    return toHex(chain.call("Metadata_metadata", NO_BYTES));
  };
  const first = answers.of("metadata", metadata);
  assert.equal(answers.of("metadata", metadata), first);
  assert.equal(made, 1);
  await chain.seal();
  assert.equal(answers.of("metadata", metadata), first);
  assert.equal(made, 2);
  chain.setStorage([["key", Uint8Array.of(1)]]);
  answers.of("metadata", metadata);
  assert.equal(made, 3);
});
