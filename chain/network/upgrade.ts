/** @file A runtime upgrade while transfers flow: no node is restarted, none of the transfers is lost. */
import { connectChain } from "../client/client.ts";
import { concat, toHex } from "../embedded/codec/bytes.ts";
import { byteVector } from "../embedded/codec/scale.ts";
import { raisedRuntime } from "../native/raised-runtime.ts";
import { signerFromUri } from "../wallet/signer.ts";
import type { Print } from "./acts.ts";
import type { Network } from "./network.ts";
import { specVersionOf } from "./rpc.ts";

/** `System.set_code` of every FRAME runtime. */
const SET_CODE = Uint8Array.of(0, 2);
/** Transfers that are under way at once, each of an account of its own, and how many of them before and after. */
const PAYERS = ["//Bob", "//Charlie", "//Dave"];
const ROUNDS = 6;
const FINAL_MS = 120_000;

/** Transfers one after the other, each final before the next. */
async function pay(
  chain: Awaited<ReturnType<typeof connectChain>>,
  uri: string,
  rounds: number,
): Promise<void> {
  const payee = signerFromUri("//payee").publicKey;
  for (let round = 1; round <= rounds; round++)
    await chain.transfer(signerFromUri(uri), payee, BigInt(1_000_000 * round));
}

/** Upgrades the runtime under load, by sudo. @throws ChainError, Error where a node runs another version, or a transfer is lost */
export async function upgradeUnderLoad(network: Network, print: Print): Promise<void> {
  const nodes = network.nodes.filter(({ isRunning }) => isRunning);
  const [node] = nodes;
  if (node === undefined) throw new Error("no node runs");
  const chain = await connectChain({ endpoints: nodes.map(({ endpoint }) => endpoint) });
  try {
    const payee = signerFromUri("//payee").publicKey;
    const before = await chain.balance(payee);
    const version = await specVersionOf(node.rpcPort);
    const paying = PAYERS.map(async (uri) => pay(chain, uri, ROUNDS));
    const code = concat(SET_CODE, byteVector(raisedRuntime(network.options.runtimeCode)));
    const began = performance.now();
    const call = { pallet: "Sudo", name: "sudo", args: [toHex(code)] };
    const { block } = await chain.submit(signerFromUri("//Alice"), call);
    await Promise.all(paying);
    for (const one of nodes) {
      await network.until(one, ({ final }) => final > block.number + 1, FINAL_MS);
      const now = await specVersionOf(one.rpcPort);
      if (now !== version + 1) throw new Error(`${one.name} runs version ${now} of the runtime`);
    }
    const each = Array.from({ length: ROUNDS }, (_, index) => BigInt(1_000_000 * (index + 1)));
    const due = each.reduce((sum, one) => sum + one, 0n) * BigInt(PAYERS.length);
    const paid = (await chain.balance(payee)) - before;
    if (paid !== due) throw new Error(`${paid} rao came of ${due} that were sent`);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    print(
      `runtime ${version} became ${version + 1} in block #${block.number} on ${nodes.length} nodes while ${ROUNDS * PAYERS.length} transfers were sent, all of them final; ${seconds} s`,
    );
  } finally {
    await chain.close();
  }
}
