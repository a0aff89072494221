/** @file `subnet chain authorities`: who makes blocks and votes from now on, changed on the chain itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { cryptoReady } from "../../chain/embedded/codec/hashing.ts";
import { type Authority, sparedBy } from "../../chain/native/authority-keys.ts";
import { authorityChange, setStorageCall } from "../../chain/native/authority-set.ts";
import { publicKeyOf } from "../../chain/wallet/account.ts";
import type { Told } from "../../src/command/command.ts";
import { AssayError } from "../../src/errors.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import { readAuthority } from "./authority-folder.ts";
import type { AuthoritiesOptions } from "./options.ts";

/** Between two looks at the chain. */
const LOOK_MS = 500;
/** Blocks after the announced one in which the new voters are seen, or something is wrong. */
const PATIENCE_BLOCKS = 30;

type Parts = Pick<Told, "line"> & { readonly print: (text: string) => void };

function isSame(found: readonly Hex[], wanted: readonly Hex[]): boolean {
  return found.length === wanted.length && wanted.every((key) => found.includes(key));
}

/** Waits until finalised state names the new voters. @throws AssayError bad-option when they do not come */
async function awaitVoters(
  chain: ChainClient,
  { voters, scheduledAt }: { readonly voters: readonly Hex[]; readonly scheduledAt: number },
): Promise<number> {
  for (;;) {
    const head = await chain.head();
    if (isSame((await chain.authorities(head.hash)).voters, voters)) return head.number;
    if (head.number > scheduledAt + PATIENCE_BLOCKS) {
      const detail = `The voters are the old ones in block ${head.number} still: the call came too late for block ${scheduledAt}, or Root refused it`;
      const next =
        "Run it again, with more --blocks; blocks are made by the new authorities already if the call succeeded.";
      throw new AssayError({ code: "bad-option", detail, next, run: { again: {} } });
    }
    await sleep(LOOK_MS);
  }
}

async function change(
  chain: ChainClient,
  authorities: readonly Authority[],
  options: AuthoritiesOptions,
  { print }: Parts,
): Promise<void> {
  const head = await chain.head();
  const before = await chain.authorities(head.hash);
  const scheduledAt = head.number + options.blocks;
  const call = setStorageCall(authorityChange({ ...before, authorities, scheduledAt }));
  print(
    `${before.makers.length} authorities make blocks now, ${before.voters.length} vote; then ${authorities.length}, of whom ${sparedBy(authorities.length)} may be away`,
  );
  if (options.print) {
    print(`Root has to run this before block ${scheduledAt}: ${call}`);
    return;
  }
  const root = await unlockColdkey(options);
  const { block } = await chain.submit(root, { pallet: "Sudo", name: "sudo", args: [call] });
  const makers = authorities.map(({ aura }) => publicKeyOf(aura));
  if (!isSame((await chain.authorities(block.hash)).makers, makers)) {
    const detail = `Root refused the change in block ${block.number}`;
    throw new AssayError({ code: "bad-option", detail });
  }
  print(
    `block ${block.number}: the new authorities make blocks; block ${scheduledAt} announces them as voters`,
  );
  const voters = authorities.map(({ grandpa }) => publicKeyOf(grandpa));
  print(`block ${await awaitVoters(chain, { voters, scheduledAt })}: they vote`);
}

/**
 * Puts these authorities in the place of those that there are. Their nodes should run by then.
 * @throws AssayError bad-option; ChainError
 */
export async function changeAuthorities(options: AuthoritiesOptions, parts: Parts): Promise<void> {
  await cryptoReady();
  const authorities = await Promise.all(options.authority.map(async (path) => readAuthority(path)));
  if (authorities.length === 0)
    throw new AssayError({
      code: "bad-option",
      detail: "--authority names nobody: a chain without authorities never makes another block",
    });
  const { endpoint, genesis } = options;
  const chain = await connectChain({
    endpoints: endpoint.split(","),
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  try {
    await change(chain, authorities, options, parts);
  } finally {
    await chain.close();
  }
}
