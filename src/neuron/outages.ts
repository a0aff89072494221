/** @file What a neuron says while its chain is away: once that it is lost, why it stays away, and that it is back. */
import type { ConnectionNews } from "../../chain/client/client.ts";
import type { Log } from "../command/log.ts";
import type { Subnet } from "../run/subnet.ts";

/** A length of time for people. */
function lengthOf(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** Tells people (and the log) what happens to the connection. Nothing ends: every loop goes on when the chain is back. */
export function outageTeller(
  say: (text: string) => void,
  log: Pick<Log, "warn">,
): (news: ConnectionNews) => void {
  return (news) => {
    if (news.kind === "lost") {
      log.warn({ endpoint: news.endpoint }, "lost the chain");
      say(`lost the chain at ${news.endpoint}; this node goes on by itself when it is back`);
    } else if (news.kind === "searching") {
      log.warn({ fault: news.fault.fault }, "no chain yet");
      say(`still no chain: ${news.fault.explanation.cause}`);
    } else say(`the chain at ${news.endpoint} is back after ${lengthOf(news.awayMs)}; going on`);
  };
}

/**
 * Tells people when a chain that is back is not the one that was lost: a development chain that was started again without
 * its database has the same genesis, and none of the blocks that this node has seen.
 */
export async function tellLostBlocks(
  { chain, blocks }: Pick<Subnet, "chain" | "blocks">,
  say: (text: string) => void,
): Promise<void> {
  const known = blocks.current;
  const { number } = await chain.head();
  if (number >= known.number && (await chain.blockHash(known.number)) === known.hash) return;
  say(
    `the chain at ${chain.endpoint} has lost block ${known.number}, which was final, and stands at ${number}: this node cannot go on with it. Start the chain with the database that it had, or this node on a new chain`,
  );
}
