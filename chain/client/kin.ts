/** @file Children and parents of hotkeys on a subnet: whose stake counts for whom, and who is paid of whose dividends. */
import { type Hex, hexOf } from "../wallet/hex.ts";
import { askFreshRao } from "./fresh-stake.ts";
import { type ScaleReader } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { accountItem, subtensorItem, u16Item, u64Item } from "./storage-item.ts";

/** A hotkey of which another is a child. */
type ParentOf = {
  readonly hotkey: Hex;
  /** The part of its stake that counts for the child, of 2^64 - 1. */
  readonly proportion: bigint;
  /** Of its alpha, what the next epoch counts. */
  readonly stakeRao: bigint;
  /** Whether it has the child's coldkey. */
  readonly sameOwner: boolean;
};

/** Children and parents of one hotkey. */
export type KinOf = {
  /** The part of each child, of 2^64 - 1. */
  readonly children: readonly bigint[];
  readonly parents: readonly ParentOf[];
  /** What it takes of its parents' dividends, of 65535. */
  readonly take: number;
};

type Edge = { readonly proportion: bigint; readonly hotkey: Hex };

const edge = (reader: ScaleReader): Edge => ({
  proportion: reader.u64(),
  hotkey: hexOf(reader.bytes(32)),
});
const edges = (name: string) =>
  subtensorItem(name, "Vec<(u64,[u8;32])>", (reader) => reader.vec(edge));

const childKeys = edges("ChildKeys");
const parentKeys = edges("ParentKeys");
const childkeyTake = u16Item("ChildkeyTake");
const minChildkeyTake = u16Item("MinChildkeyTake");
const minOfSubnet = u16Item("MinChildkeyTakePerSubnet");
const totalHotkeyAlpha = u64Item("TotalHotkeyAlpha");
const owner = accountItem("Owner");

/** What parents bring: their stake, and whose they are. */
async function readParents(
  state: ChainState,
  about: { readonly netuid: number; readonly at: Hex },
  parentsOf: ReadonlyMap<Hex, readonly Edge[]>,
): Promise<ReadonlyMap<Hex, Pick<KinOf, "parents" | "take">>> {
  const { netuid, at } = about;
  const batch = state.batch();
  const least = batch.askValue(minChildkeyTake);
  const leastHere = batch.askValue(minOfSubnet, netuid);
  const asked = [...parentsOf].map(([hotkey, parents]) => ({
    hotkey,
    coldkey: batch.askValue(owner, hotkey),
    take: batch.askValue(childkeyTake, hotkey, netuid),
    parents: parents.map((parent) => ({
      ...parent,
      stake: batch.askValue(totalHotkeyAlpha, parent.hotkey, netuid),
      fresh: askFreshRao(batch, netuid, [parent.hotkey]),
      coldkey: batch.askValue(owner, parent.hotkey),
    })),
  }));
  await batch.read(at);
  const kin = asked.map(({ hotkey, coldkey, take, parents }) => {
    const found = parents.map((parent) => ({
      hotkey: parent.hotkey,
      proportion: parent.proportion,
      stakeRao: parent.stake() - (parent.fresh()[0] ?? 0n),
      sameOwner: parent.coldkey() === coldkey(),
    }));
    return [hotkey, { parents: found, take: Math.max(take(), least(), leastHere()) }] as const;
  });
  return new Map(kin);
}

/** Children and parents of some hotkeys, in their order, at a block. @throws ChainError runtime-incompatible, rpc-failed */
export async function readKin(
  state: ChainState,
  about: { readonly netuid: number; readonly hotkeys: readonly Hex[]; readonly at: Hex },
): Promise<readonly KinOf[]> {
  const { netuid, hotkeys, at } = about;
  const batch = state.batch();
  const asked = hotkeys.map((hotkey) => ({
    hotkey,
    children: batch.askValue(childKeys, hotkey, netuid),
    parents: batch.askValue(parentKeys, hotkey, netuid),
  }));
  await batch.read(at);
  const having = asked.flatMap(({ hotkey, parents }) =>
    parents().length === 0 ? [] : [[hotkey, parents()] as const],
  );
  // Most subnets have none, and need no second look.
  const found = having.length === 0 ? new Map() : await readParents(state, about, new Map(having));
  return asked.map(({ hotkey, children }) => {
    const { parents, take } = found.get(hotkey) ?? { parents: [], take: 0 };
    return { children: children().map(({ proportion }) => proportion), parents, take };
  });
}
