/**
 * @file Reduces a runtime's raw metadata to the fixture that the conformance test compares with: run it again when the
 * network's runtime changes.
 *
 *     node test/chain/conformance/reduce.ts <metadata.scale> > test/fixtures/bittensor/spec-424.json
 *
 * The file holds bytes that begin with "meta", as `state_getMetadata` or `Metadata_metadata_at_version` answer them.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, stderr, stdout } from "node:process";
import { surfaceOf } from "./surface.ts";

/** Pallets and APIs of other purposes: contracts of two kinds, crowdfunding, another consensus. */
const LEFT_OUT =
  /^(?:Contracts|ContractsApi|ConvertTransactionRuntimeApi|Crowdloan|EVM|EVMChainId|Ethereum|EthereumRuntimeRPCApi|BaseFee|BabeApi|LimitOrders|SafeMode|Registry)\./u;

const [, , path] = argv;
if (path === undefined) {
  stderr.write("Name the file of the raw metadata.\n");
} else {
  const raw = readFileSync(path);
  const items = [...surfaceOf(raw)].filter(([name]) => !LEFT_OUT.test(name));
  const origin =
    "Metadata of Bittensor's main network (finney) at spec 424, reduced by test/chain/conformance/reduce.ts";
  const sha256 = createHash("sha256").update(raw).digest("hex");
  const lines = items.map((item) => item.map((text) => JSON.stringify(text)).join(": "));
  stdout.write(`{\n"origin": ${JSON.stringify(origin)},\n"sha256": "${sha256}",\n`);
  stdout.write(`"items": {\n${lines.join(",\n")}\n}\n}\n`);
}
