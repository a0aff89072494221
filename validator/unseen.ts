/**
 * @file When weights go out, so that no other validator can copy them for the epoch that counts them: where the chain's author opens encrypted calls,
 * encrypted, in the last block before the epoch; anywhere else at once, since whoever reads the pool is as early as anybody.
 */
import type { Validator } from "./validator.ts";

/** What a hotkey must own to pay for carriers; one costs about 30,000 rao. */
const LEAST_RAO = 50_000_000n;
/** They are sent when this many blocks are left: the next block holds them, the one after it counts them. */
const BLOCKS_BEFORE = 2;

/** How the weights of a window go out now; overtaken: those of a later window go out in their place. */
export type Way = "plain" | "shielded" | "overtaken";

/** Whether encrypted weights can be sent, and paid for. */
async function canShield({ node }: Validator): Promise<boolean> {
  const { chain } = node.subnet;
  if ((await chain.shieldKey()) === null) return false;
  return (await chain.balance(node.neuron.signer.ss58)) >= LEAST_RAO;
}

/**
 * Waits for the moment at which weights are unseen until they count, and says how to send them. What was judged too late for an
 * epoch waits for the next one: the weights of the window before count in it.
 */
export async function unseen(validator: Validator, window: number): Promise<Way> {
  if (!(await canShield(validator))) return "plain";
  const { node, memory } = validator;
  const { chain, netuid, blocks } = node.subnet;
  memory.hold(window);
  const { signal } = node.neuron;
  // A final block is that many behind the newest.
  const before = BLOCKS_BEFORE + node.run.manifest.finalityLag;
  let epoch = await chain.nextEpoch(netuid);
  if (epoch !== null && blocks.current.number > epoch - before) {
    await blocks.reached(epoch, signal);
    epoch = await chain.nextEpoch(netuid);
  }
  if (epoch !== null) await blocks.reached(epoch - before, signal);
  return memory.book.window > window ? "overtaken" : "shielded";
}
