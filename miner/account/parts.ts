/** @file What the commands about money share: a chain for as long as a command runs, keys, and words for people or programs. */
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import { readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import type { Told } from "../../src/command/command.ts";
import type { Terminal } from "../../src/command/confirm.ts";
import { SendingTeller } from "../../src/neuron/sending.ts";
import { isHex } from "../../src/protocol/digest.ts";

/** How a command of this folder speaks with the person. */
export type AccountParts = Told & {
  readonly print: (line: string) => void;
  readonly terminal: Terminal;
};

/** Options that name a chain. */
type ChainPlace = { readonly endpoint: string; readonly genesis?: string | undefined };

/** Options that name a wallet. */
type WalletPlace = { readonly wallet: string; readonly walletFolder: string };

/** Options that a next command about the same keys and chain repeats. */
export const SAME = ["wallet", "hotkey", "walletFolder", "netuid", "endpoint", "genesis"] as const;

/**
 * Runs `body` with a chain that is closed afterwards; what becomes of an extrinsic, and of the chain, is told meanwhile.
 * @throws ChainError chain-unreachable, wrong-genesis
 */
export async function withChain<T>(
  { endpoint, genesis }: ChainPlace,
  { line }: Pick<AccountParts, "line">,
  body: (chain: ChainClient) => Promise<T>,
): Promise<T> {
  const teller = new SendingTeller({ line });
  const chain = await connectChain({
    endpoints: endpoint.split(","),
    ...teller.connecting,
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  try {
    return await body(chain);
  } finally {
    teller.close();
    await chain.close();
  }
}

/** SS58 address of a wallet's coldkey, without its secret. @throws ChainError wallet-missing, key-missing */
export async function coldkeyAddress({ wallet, walletFolder }: WalletPlace): Promise<string> {
  return ss58Of(await readColdkeyPublic({ folder: walletFolder, name: wallet }));
}

/** JSON has no integers of any size. */
const plain = (_key: string, one: unknown): unknown =>
  typeof one === "bigint" ? String(one) : one;

/** Prints `lines` for people, or `value` as one line of JSON: integers of any size as text. */
export function answer(
  { print }: Pick<AccountParts, "print">,
  json: boolean,
  { lines, value }: { readonly lines: readonly string[]; readonly value: object },
): void {
  if (json) print(JSON.stringify(value, plain));
  else for (const line of lines) print(line);
}
