/** @file The chain: where it is, what it issued and to whom, who holds what, what a place costs. */
import { h, type JSX } from "preact";
import type { BlockView, LedgerView, NowView, ParticipantView } from "../src/api/page.ts";
import { useDetail } from "./detail.ts";
import { type Children, type Column, figure, participantLink, section, table } from "./element.ts";
import type { State } from "./state.ts";
import { count, percent, price, short, tokens } from "./words.ts";

type LedgerRow = { readonly name: string; readonly rao: string };

const LEDGER_COLUMNS: readonly Column<LedgerRow>[] = [
  { title: "part", cell: ({ name }) => name },
  { title: "alpha", isNumber: true, cell: ({ rao }) => tokens(rao) },
  { title: "rao", isNumber: true, cell: ({ rao }) => BigInt(rao).toLocaleString("en-US") },
];

/** Whether the parts are the whole, to one rao. */
function addsUp(ledger: LedgerView): boolean {
  const { issuedRao, ...parts } = ledger;
  return Object.values(parts).reduce((sum, rao) => sum + BigInt(rao), 0n) === BigInt(issuedRao);
}

function ledgerSection(ledger: LedgerView | null): JSX.Element {
  if (ledger === null)
    return section(
      "Emission",
      h("p", { class: "empty" }, "This chain keeps no ledger of its emission."),
    );
  const rows: readonly LedgerRow[] = [
    { name: "paid to miners and validators", rao: ledger.paidNeuronsRao },
    { name: "paid to the owner", rao: ledger.paidOwnerRao },
    { name: "waits for the next epoch", rao: ledger.pendingRao },
    { name: "left by rounding, for the next epoch", rao: ledger.carriedRao },
    { name: "burned: nobody had earned it", rao: ledger.burnedRao },
    { name: "issued in all", rao: ledger.issuedRao },
  ];
  return section(
    "Emission",
    table({
      caption: "Alpha that the subnet has issued since its first block",
      columns: LEDGER_COLUMNS,
      rows,
      keyOf: ({ name }) => name,
      empty: "",
      cards: true,
    }),
    h(
      "p",
      { class: addsUp(ledger) ? "verdict good" : "verdict bad" },
      addsUp(ledger)
        ? "The parts are the whole, to one rao."
        : "The parts are not the whole: this ledger does not add up.",
    ),
  );
}

const STAKE_COLUMNS = (all: bigint): readonly Column<ParticipantView>[] => [
  { title: "who", cell: participantLink },
  { title: "stake (alpha)", isNumber: true, cell: ({ stakeRao }) => tokens(stakeRao) },
  {
    title: "of all",
    isNumber: true,
    cell: ({ stakeRao }) =>
      percent(all === 0n ? 0 : Number((BigInt(stakeRao) * 1_000_000n) / all) / 1e6),
  },
  { title: "uid since block", isNumber: true, cell: ({ registeredAt }) => String(registeredAt) },
];

function stakeSection({ participants }: NowView): JSX.Element {
  const all = participants.reduce((sum, { stakeRao }) => sum + BigInt(stakeRao), 0n);
  const rows = participants.toSorted((a, b) => (BigInt(a.stakeRao) < BigInt(b.stakeRao) ? 1 : -1));
  return section(
    "Stake",
    table({
      caption: "Stake by hotkey, the largest first",
      columns: STAKE_COLUMNS(all),
      rows,
      keyOf: ({ hotkey }) => hotkey,
      empty: "Nobody has a uid.",
    }),
  );
}

type Extrinsic = BlockView["extrinsics"][number];

/** Who signed, by the name that the page knows it by. */
function signerText(signer: string | null, participants: NowView["participants"]): Children {
  if (signer === null) return h("span", { class: "note" }, "the author");
  const known = participants.find(({ ss58 }) => ss58 === signer);
  return known === undefined ? h("code", { title: signer }, short(signer)) : participantLink(known);
}

function blockText(
  { number, hash, all, extrinsics }: BlockView,
  participants: NowView["participants"],
): JSX.Element {
  const columns: readonly Column<Extrinsic>[] = [
    { title: "call", cell: ({ pallet, call }) => h("code", null, `${pallet}.${call}`) },
    { title: "signed by", cell: ({ signer }) => signerText(signer, participants) },
    { title: "bytes", isNumber: true, cell: (one) => count(one.bytes) },
    {
      title: "outcome",
      cell: ({ error }) =>
        error === null
          ? h("span", { class: "badge good" }, "done")
          : h("span", { class: "badge bad" }, error),
    },
  ];
  const signed = extrinsics.filter(({ signer }) => signer !== null).length;
  return h(
    "details",
    { key: hash },
    h(
      "summary",
      null,
      `block ${count(number)}: ${signed} signed of ${all} `,
      h("span", { class: "note" }, h("code", null, short(hash))),
    ),
    table({
      caption: `Extrinsics of block ${number}`,
      columns,
      rows: extrinsics,
      keyOf: (one) => extrinsics.indexOf(one),
      empty: "Nothing lies in it.",
    }),
  );
}

function BlocksSection({
  block,
  participants,
}: Pick<NowView, "block" | "participants">): JSX.Element {
  const { value, isMissing } = useDetail<readonly BlockView[]>("/page/blocks", String(block));
  return section(
    "Blocks",
    value === null
      ? h(
          "p",
          { class: isMissing ? "empty" : "loading" },
          isMissing ? "This node reads no blocks." : "Reading blocks…",
        )
      : h(
          "div",
          { class: "blocks" },
          value.map((one) => blockText(one, participants)),
        ),
  );
}

/** The page of the chain. */
export function ChainPage({ now }: State): JSX.Element {
  if (now === null) return h("p", { class: "empty" }, "Nothing is known yet.");
  const { block, blockHash, genesis, netuid, tempo, burnRao, participants } = now;
  return h(
    "div",
    null,
    h(
      "dl",
      { class: "figures" },
      figure({
        name: "Block",
        value: count(block),
        note: h("code", null, short(blockHash)),
      }),
      figure({ name: "Subnet", value: String(netuid), note: `${participants.length} uids` }),
      figure({
        name: "Epoch",
        value: `every ${tempo + 1}`,
        unit: "blocks",
        note: "pays for the weights that stand then",
      }),
      figure({
        name: "A place costs",
        value: burnRao === null ? "–" : price(burnRao),
        unit: burnRao === null ? "" : "TAO",
        note: "burned at registration",
      }),
    ),
    h(BlocksSection, { block, participants }),
    ledgerSection(now.ledger),
    stakeSection(now),
    section("Newest block", h("p", null, h("code", { class: "key" }, blockHash))),
    section("Genesis", h("p", null, h("code", { class: "key" }, genesis))),
  );
}
