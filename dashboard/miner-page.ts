/** @file One miner: why it scores what it scores, what would change that, its pay and credit over time, its updates. */
import { h, type JSX } from "preact";
import type {
  EpochView,
  MinerView,
  MinerWindowView,
  OpinionView,
  ParticipantView,
  WhyView,
} from "../src/api/page.ts";
import { Chart } from "./chart.ts";
import { useDetail } from "./detail.ts";
import {
  badge,
  type Children,
  type Column,
  figure,
  linked,
  nameOf,
  section,
  table,
} from "./element.ts";
import type { State } from "./state.ts";
import { bytes, fall, number, percent, tokenNumber, tokens } from "./words.ts";

const UPDATES_SHOWN = 60;

/** Changes when details of a participant may have. */
export function versionOf({ windows }: State, one: ParticipantView | undefined): string {
  return `${windows.at(-1)?.window ?? -1} ${one?.paidRao ?? ""}`;
}

/** The head of a participant's page: who it is and where. */
export function whoIs(one: ParticipantView, what: string): JSX.Element {
  return h(
    "div",
    { class: "who" },
    h("h2", null, nameOf(one), h("span", { class: "note" }, ` ${what}, uid ${one.uid}`)),
    h("p", { class: "note" }, "hotkey ", h("code", { class: "key" }, one.ss58)),
    h(
      "p",
      { class: "note" },
      "node ",
      one.url === null
        ? "publishes no address"
        : linked(one.url, `${one.url}/`, "the page of this node"),
    ),
  );
}

function term(name: string, value: string, note: string): JSX.Element {
  return h(
    "div",
    { class: "term" },
    h("dt", null, name),
    h("dd", null, value, h("div", { class: "note" }, note)),
  );
}

function equation({ score, terms }: WhyView): Children {
  if (terms === null) return null;
  const { credit, floor, attendance, trust, usualTrust, confidence } = terms;
  return h(
    "div",
    null,
    h(
      "p",
      { class: "equation" },
      h("strong", null, number(score)),
      ` = max(0, credit ${number(credit)} − floor ${number(floor)}) × attendance ${number(attendance)} × confidence ${number(confidence)}`,
    ),
    h(
      "dl",
      { class: "terms" },
      term(
        "credit",
        number(credit),
        "how much its updates lower the loss, on average; 1 is what one does as a rule",
      ),
      term(
        "floor",
        number(floor),
        "taken from the credit: what it lacks to what the strongest reach, at most a part of that",
      ),
      term(
        "attendance",
        percent(attendance),
        "how often an update came, the last windows counting most",
      ),
      term(
        "trust",
        percent(trust),
        `how sure it is that the work is its own; the middle of the field has ${percent(usualTrust)}`,
      ),
    ),
  );
}

const CHANGE_COLUMNS: readonly Column<WhyView["changes"][number]>[] = [
  { title: "what", cell: ({ what }) => what },
  { title: "score", isNumber: true, cell: ({ score }) => number(score) },
  { title: "share of weights", isNumber: true, cell: ({ share }) => percent(share) },
];

function whySection(why: WhyView | null, newest: MinerWindowView | undefined): JSX.Element {
  if (why === null || newest === undefined)
    return section("Why this score", h("p", { class: "empty" }, "No record has judged it yet."));
  const { verdict, detail } = newest;
  return section(
    "Why this score",
    h(
      "p",
      null,
      badge(verdict),
      " ",
      verdict.text,
      detail === "" ? null : h("span", { class: "note" }, ` (${detail})`),
    ),
    equation(why),
    h(
      "p",
      { class: "note" },
      linked(`Record of window ${why.window}`, why.record),
      `; the same functions make these numbers as make the validator's.`,
    ),
    h("h3", null, "What would change it"),
    why.changes.length === 0
      ? h(
          "p",
          { class: "empty" },
          why.terms === null
            ? "This run pays by ranks: nothing else can be computed from one record."
            : "Nothing here: it comes always, is trusted as is usual, and nobody lowers the loss more.",
        )
      : table({
          caption: `Its score in window ${why.window}, if one thing were otherwise and all others stayed as they are`,
          columns: CHANGE_COLUMNS,
          rows: [{ what: "as it is", score: why.score, share: why.share }, ...why.changes],
          keyOf: ({ what }) => what,
          empty: "",
        }),
  );
}

const opinionColumns = (
  participants: readonly ParticipantView[],
): readonly Column<OpinionView>[] => [
  {
    title: "validator",
    cell: ({ uid, record, window }) => {
      const judge = participants.find((one) => one.uid === uid);
      const name = judge === undefined ? `uid ${uid}` : nameOf(judge);
      return [
        h("a", { href: `#/validator/${uid}` }, name),
        " ",
        linked(`window ${window}`, record),
      ];
    },
  },
  { title: "verdict", cell: ({ verdict }) => badge(verdict) },
  { title: "score", isNumber: true, cell: ({ score }) => number(score) },
  { title: "weight (of 65535)", isNumber: true, cell: ({ weight }) => String(weight) },
];

const UPDATE_COLUMNS: readonly Column<MinerWindowView>[] = [
  {
    title: "window",
    cell: ({ window, record }) => linked(`window ${window}`, record, "the record of this window"),
  },
  {
    title: "verdict",
    cell: ({ verdict, detail }) => [badge(verdict), " ", h("span", { class: "why" }, detail)],
  },
  { title: "applied", cell: ({ accepted }) => (accepted ? "yes" : "no") },
  { title: "own pages", isNumber: true, cell: ({ own }) => fall(own) },
  { title: "other pages", isNumber: true, cell: ({ noise }) => fall(noise) },
  { title: "margin (s.e.)", isNumber: true, cell: ({ margin }) => number(margin, 1) },
  {
    title: "size",
    isNumber: true,
    cell: (one) =>
      one.bytes === null ? "–" : linked(bytes(one.bytes), one.payload, "the update itself"),
  },
  { title: "score", isNumber: true, cell: ({ score }) => number(score) },
  { title: "share", isNumber: true, cell: ({ share }) => percent(share) },
];

/** What epochs paid, as bars. */
export function payChart(epochs: readonly EpochView[]): JSX.Element {
  const sum = epochs.reduce((all, { paidRao }) => all + BigInt(paidRao), 0n);
  return h(Chart, {
    title: "Paid by each epoch",
    says: `${tokens(String(sum))} alpha in ${epochs.length} epochs.`,
    along: "block",
    at: epochs.map(({ block }) => block),
    lines: [
      {
        name: "alpha",
        colour: "main",
        values: epochs.map(({ paidRao }) => tokenNumber(paidRao)),
        kind: "bars",
      },
    ],
    format: (value) => `${value.toFixed(3)} alpha`,
    tick: (value) => value.toFixed(2),
    fromZero: true,
    reaches: 0.1,
  });
}

function creditChart(windows: readonly MinerWindowView[]): JSX.Element {
  const last = windows.at(-1);
  return h(Chart, {
    title: "Credit, trust and score",
    says:
      last === undefined
        ? "Not judged yet."
        : `Credit ${number(last.credit)}, trust ${number(last.trust)}, score ${number(last.score)} after window ${last.window}.`,
    along: "window",
    at: windows.map(({ window }) => window),
    lines: [
      { name: "credit", colour: "hue-4", values: windows.map(({ credit }) => credit) },
      { name: "trust", colour: "hue-1", values: windows.map(({ trust }) => trust) },
      { name: "score", colour: "main", values: windows.map(({ score }) => score) },
    ],
    format: (value) => number(value),
    tick: (value) => value.toFixed(2),
    fromZero: true,
    reaches: 1,
  });
}

function minerFigures(one: ParticipantView, why: WhyView | null): JSX.Element {
  const from = one.judged?.record ?? null;
  return h(
    "dl",
    { class: "figures" },
    figure({
      name: "Paid so far",
      value: tokens(one.paidRao),
      unit: "alpha",
      note: `${tokens(one.emissionRao)} by the last epoch`,
    }),
    figure({
      name: "Share of miners' pay",
      value: percent(one.incentive),
      note:
        why === null || why.fairShare === 0 ? undefined : `fair share: ${percent(why.fairShare)}`,
    }),
    figure({
      name: "Score",
      value: one.judged === null ? "–" : number(one.judged.score),
      note: one.judged === null ? "not judged yet" : `window ${one.judged.window}`,
      from,
    }),
    figure({ name: "Stake", value: tokens(one.stakeRao), unit: "alpha" }),
  );
}

/** What is shown of a uid that nobody holds, or before anything is known. */
export function nobody({ now }: State, uid: number): JSX.Element {
  const text = now === null ? "Nothing is known yet." : `Nobody holds uid ${uid}.`;
  return h("p", { class: "empty" }, text);
}

function minerSections(
  value: MinerView,
  participants: readonly ParticipantView[],
): readonly JSX.Element[] {
  const { why, windows, opinions, epochs } = value;
  return [
    whySection(why, windows.at(-1)),
    h("div", { class: "charts" }, creditChart(windows), payChart(epochs)),
    section(
      "What each validator says",
      table({
        caption: "Newest verdict of each validator",
        columns: opinionColumns(participants),
        rows: opinions,
        keyOf: (opinion) => opinion.uid,
        empty: "No validator has said anything yet.",
      }),
    ),
    section(
      "Its updates",
      table({
        caption: `Its newest ${UPDATES_SHOWN} updates`,
        columns: UPDATE_COLUMNS,
        rows: windows.slice(-UPDATES_SHOWN).toReversed(),
        keyOf: ({ window }) => window,
        empty: "None has been judged yet.",
      }),
    ),
  ];
}

/** The page of a miner. */
export function MinerPage({
  state,
  uid,
}: {
  readonly state: State;
  readonly uid: number;
}): JSX.Element {
  const { now } = state;
  const one = now?.participants.find((participant) => participant.uid === uid);
  const path = one === undefined ? "" : `/page/miners/${uid}`;
  const { value } = useDetail<MinerView>(path, versionOf(state, one));
  if (now === null || one === undefined) return nobody(state, uid);
  return h(
    "div",
    null,
    whoIs(one, one.kind ?? one.role),
    minerFigures(one, value?.why ?? null),
    value === null
      ? h("p", { class: "empty" }, "Asking the node…")
      : minerSections(value, now.participants),
  );
}
