/** @file Who takes part: the leaderboard of miners, the validators, everybody else. */
import { h, type JSX } from "preact";
import type { ParticipantView, WindowView } from "../src/api/page.ts";
import { badge, type Column, linked, nameOf, participantLink, section, table } from "./element.ts";
import type { State } from "./state.ts";
import { number, percent, short, tokens } from "./words.ts";

/** What each would get if miners whose updates were applied got the same. */
function fairShare(newest: WindowView | undefined): number | null {
  const many = newest?.accepted.length ?? 0;
  return many === 0 ? null : 1 / many;
}

const byPay = (a: ParticipantView, b: ParticipantView): number => {
  const [left, right] = [BigInt(a.paidRao), BigInt(b.paidRao)];
  if (left !== right) return left < right ? 1 : -1;
  return a.uid - b.uid;
};

/** A share as a bar beside the fair one. */
function shareBar(share: number, fair: number | null): JSX.Element {
  const scale = Math.max(share, 2 * (fair ?? 0), 0.01);
  return h(
    "span",
    { class: "share" },
    h("meter", { min: 0, max: scale, value: share, "aria-hidden": "true" }),
    h("span", null, percent(share)),
  );
}

function kindText({ kind, role }: ParticipantView): string {
  return kind ?? role;
}

function minerColumns(fair: number | null): readonly Column<ParticipantView>[] {
  return [
    {
      title: "miner",
      cell: (one) => [participantLink(one), " ", h("span", { class: "note" }, `uid ${one.uid}`)],
    },
    { title: "kind", cell: kindText },
    { title: "paid (alpha)", isNumber: true, cell: ({ paidRao }) => tokens(paidRao) },
    {
      title: fair === null ? "share of pay" : `share of pay (fair: ${percent(fair)})`,
      isNumber: true,
      cell: ({ incentive }) => shareBar(incentive, fair),
    },
    {
      title: "score",
      isNumber: true,
      cell: ({ judged }) =>
        judged === null
          ? "–"
          : linked(number(judged.score), judged.record, `record of window ${judged.window}`),
    },
    {
      title: "why",
      isLong: true,
      cell: ({ judged }) =>
        judged === null
          ? "not judged yet"
          : [badge(judged.verdict), " ", h("span", { class: "why" }, judged.verdict.text)],
    },
  ];
}

const VALIDATOR_COLUMNS: readonly Column<ParticipantView>[] = [
  {
    title: "validator",
    cell: (one) => [participantLink(one), " ", h("span", { class: "note" }, `uid ${one.uid}`)],
  },
  { title: "stake (alpha)", isNumber: true, cell: ({ stakeRao }) => tokens(stakeRao) },
  {
    title: "agreement",
    isNumber: true,
    cell: ({ agreement }) => (agreement === null ? "–" : percent(agreement)),
  },
  { title: "dividends", isNumber: true, cell: ({ dividends }) => percent(dividends) },
  { title: "paid (alpha)", isNumber: true, cell: ({ paidRao }) => tokens(paidRao) },
  { title: "weights set in block", isNumber: true, cell: ({ lastUpdate }) => String(lastUpdate) },
  {
    title: "permit",
    cell: ({ permit }) => (permit ? "yes" : "no: its votes do not count"),
  },
];

const OTHER_COLUMNS: readonly Column<ParticipantView>[] = [
  {
    title: "participant",
    cell: (one) => [nameOf(one), " ", h("span", { class: "note" }, `uid ${one.uid}`)],
  },
  {
    title: "does",
    cell: ({ role }) => (role === "owner" ? "owns the subnet: publishes the run" : "nothing yet"),
  },
  { title: "hotkey", cell: ({ ss58 }) => h("code", { title: ss58 }, short(ss58)) },
  { title: "paid (alpha)", isNumber: true, cell: ({ paidRao }) => tokens(paidRao) },
];

/** The page of everybody. */
export function ParticipantsPage({ now, windows }: State): JSX.Element {
  if (now === null) return h("p", { class: "empty" }, "Nothing is known yet.");
  const { participants, paidSince } = now;
  const fair = fairShare(windows.at(-1));
  const of = (...roles: readonly string[]): readonly ParticipantView[] =>
    participants.filter(({ role }) => roles.includes(role));
  const since = paidSince === 0 ? "since the chain's first block" : `since block ${paidSince}`;
  return h(
    "div",
    null,
    section(
      "Miners",
      h(
        "p",
        { class: "note" },
        `Paid: by the chain ${since}. Share: of what the last epoch paid to miners. Fair: one equal part for each miner whose update the newest window applied.`,
      ),
      table({
        caption: "Miners, the most paid first",
        columns: minerColumns(fair),
        rows: of("miner").toSorted(byPay),
        keyOf: ({ hotkey }) => hotkey,
        empty: "Nobody mines yet.",
        cards: true,
      }),
    ),
    section(
      "Validators",
      h(
        "p",
        { class: "note" },
        "Agreement: how much of its weights the consensus of the last epoch kept. Dividends: its share of what validators got.",
      ),
      table({
        caption: "Validators, the most paid first",
        columns: VALIDATOR_COLUMNS,
        rows: of("validator").toSorted(byPay),
        keyOf: ({ hotkey }) => hotkey,
        empty: "Nobody validates yet.",
        cards: true,
      }),
    ),
    section(
      "Others",
      table({
        caption: "Owner and whoever neither mines nor validates",
        columns: OTHER_COLUMNS,
        rows: of("owner", "idle"),
        keyOf: ({ hotkey }) => hotkey,
        empty: "Nobody else has a uid.",
        cards: true,
      }),
    ),
  );
}
