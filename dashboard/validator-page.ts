/** @file One validator: how far others agree with it, what it gets for that, how it votes. */
import { h, type JSX } from "preact";
import type { EpochView, ParticipantView, ValidatorView, VoteView } from "../src/api/page.ts";
import { Chart } from "./chart.ts";
import { useDetail } from "./detail.ts";
import { type Column, figure, linked, section, table } from "./element.ts";
import { nobody, payChart, versionOf, whoIs } from "./miner-page.ts";
import type { State } from "./state.ts";
import { percent, tokens } from "./words.ts";

const VOTES_SHOWN = 60;

function voteText({ voted, sameParameters, asMajority }: VoteView): string {
  if (!voted) return "did not vote";
  if (!sameParameters) return "names other parameters than the record";
  return asMajority ? "as the majority" : "differs from the majority";
}

const VOTE_COLUMNS: readonly Column<VoteView>[] = [
  {
    title: "window",
    cell: ({ window, record }) => linked(`window ${window}`, record, "the record of this window"),
  },
  { title: "vote", cell: voteText },
  {
    title: "for uids",
    cell: ({ votedFor }) => (votedFor.length === 0 ? "none" : votedFor.join(", ")),
  },
  { title: "silent before (windows)", isNumber: true, cell: ({ silence }) => String(silence) },
  { title: "stake that counts (alpha)", isNumber: true, cell: ({ stakeRao }) => tokens(stakeRao) },
];

function dividendChart(epochs: readonly EpochView[]): JSX.Element {
  const last = epochs.at(-1);
  return h(Chart, {
    title: "Share of validators' dividends",
    says:
      last === undefined ? "No epoch yet." : `${percent(last.dividends)} in block ${last.block}.`,
    along: "block",
    at: epochs.map(({ block }) => block),
    lines: [{ name: "dividends", colour: "hue-4", values: epochs.map((one) => one.dividends) }],
    format: (value) => percent(value),
    tick: (value) => percent(value, 0),
    fromZero: true,
  });
}

function figures(one: ParticipantView, votes: readonly VoteView[]): JSX.Element {
  const cast = votes.filter(({ voted }) => voted);
  const same = cast.filter(({ asMajority }) => asMajority);
  return h(
    "dl",
    { class: "figures" },
    figure({
      name: "Agreement",
      value: one.agreement === null ? "–" : percent(one.agreement),
      note: "of its weights, kept by the consensus of the last epoch",
    }),
    figure({ name: "Dividends", value: percent(one.dividends), note: "of what validators got" }),
    figure({ name: "Paid so far", value: tokens(one.paidRao), unit: "alpha" }),
    figure({
      name: "Stake",
      value: tokens(one.stakeRao),
      unit: "alpha",
      note: one.permit ? "holds a permit" : "no permit: its votes do not count",
    }),
    figure({
      name: "Votes as the majority",
      value: cast.length === 0 ? "–" : `${same.length} of ${cast.length}`,
      note: `${votes.length - cast.length} windows without a vote`,
    }),
  );
}

/** The page of a validator. */
export function ValidatorPage({
  state,
  uid,
}: {
  readonly state: State;
  readonly uid: number;
}): JSX.Element {
  const one = state.now?.participants.find((participant) => participant.uid === uid);
  const path = one === undefined ? "" : `/page/validators/${uid}`;
  const { value } = useDetail<ValidatorView>(path, versionOf(state, one));
  if (one === undefined) return nobody(state, uid);
  const { votes, epochs } = value ?? { votes: [], epochs: [] };
  return h(
    "div",
    null,
    whoIs(one, "validator"),
    figures(one, votes),
    h("div", { class: "charts" }, dividendChart(epochs), payChart(epochs)),
    section(
      "Votes",
      table({
        caption: `Its newest ${VOTES_SHOWN} votes, as records hold them`,
        columns: VOTE_COLUMNS,
        rows: votes.slice(-VOTES_SHOWN).toReversed(),
        keyOf: ({ window }) => window,
        empty: "No vote is recorded yet.",
        cards: true,
      }),
    ),
  );
}
