/** @file The manifest's own rules, told in keys of subnet.toml, each with values that would work. */
import { PAGES_A_NOISE_PAGE } from "../../src/protocol/assignment.ts";
import type { Conflict } from "../../src/protocol/conflict.ts";
import { leastRetention, manifestConflicts } from "../../src/protocol/manifest-conflicts.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { logistic } from "../../src/protocol/logistic.ts";
import { blocksPerWindow, SIGN_STEP } from "../config/resolve.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { change, changeWithin, type Finding, type Outcome } from "./rule.ts";
import type { Subject } from "./subject.ts";

type Works = Outcome["works"];

/** Where a field of the manifest stands in subnet.toml, when not under the same name. */
const KEYS: Readonly<Record<string, string>> = {
  deadlineOffset: "phases.deadlineOffset",
  finalityLag: "phases.finalityLag",
  startBlock: "phases.finalityLag",
  "data.pages": "data.pagesPerWindow",
  "scoring.credit.oddsStart": "credit.oddsStart",
  "scoring.credit.voteTrust": "credit.voteTrust",
};

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Judge blocks after which the evaluation seed is final before the last one. */
function judgeFor({ phases }: SubnetConfig): number {
  const { train, commit, reveal, deadlineOffset, finalityLag } = phases;
  return deadlineOffset + finalityLag + 3 - train - commit - reveal;
}

const kept = (key: keyof RunManifest["retention"], manifest: RunManifest): Works => [
  change(`retention.${key}`, 0),
  change(`retention.${key}`, leastRetention(manifest)),
];

const WORKS: Readonly<Record<string, (subject: Subject) => Works>> = {
  deadlineOffset: ({ config: { phases } }) => [
    change("phases.deadlineOffset", phases.train + phases.commit - 1),
  ],
  finalityLag: ({ config }) => changeWithin("phases.judge", judgeFor(config), [1, 100_000]),
  "codec.k": ({ config: { codec } }) => [change("codec.k", codec.chunk)],
  "data.pages": ({ facts }) =>
    changeWithin(
      "data.pagesPerWindow",
      Math.floor((3 * facts.manifest.data.pages) / 4),
      [1, 65_536],
    ),
  "data.noisePages": ({ config: { data, evaluation }, facts }) => {
    const { pages } = facts.manifest.data;
    const { sequencesPerPage, noisePages, pagesPerWindow } = data;
    const { ownSequences, noiseSequences } = evaluation;
    // Either fewer noise pages, or smaller pages of which there are more; both must still hold the batches.
    const least = Math.max(noiseSequences / noisePages, ownSequences / pagesPerWindow);
    return [
      ...changeWithin("data.noisePages", Math.floor(pages / PAGES_A_NOISE_PAGE), [
        Math.ceil(noiseSequences / sequencesPerPage),
        65_536,
      ]),
      ...changeWithin(
        "data.sequencesPerPage",
        Math.floor((sequencesPerPage * pages) / (PAGES_A_NOISE_PAGE * noisePages + 1)),
        [Math.ceil(least), 65_536],
      ),
    ];
  },
  "evaluation.ownSequences": ({ config: { data } }) =>
    changeWithin(
      "evaluation.ownSequences",
      data.pagesPerWindow * data.sequencesPerPage,
      [1, 65_536],
    ),
  "evaluation.noiseSequences": ({ config: { data } }) =>
    changeWithin("evaluation.noiseSequences", data.noisePages * data.sequencesPerPage, [1, 65_536]),
  "model.heads": ({ config: { model } }) =>
    changeWithin("model.width", roundUp(model.width, 2 * model.heads), [1, 65_536]),
  "model.keyValueHeads": ({ config: { model } }) => [change("model.keyValueHeads", model.heads)],
  "model.width": ({ config: { model } }) =>
    changeWithin("model.width", roundUp(model.width, 2 * model.heads), [1, 65_536]),
  "model.vocabulary": () => [change("model.vocabulary", 256)],
  "inner.minimumLearningRate": ({ config: { inner } }) => [
    change("inner.minimumLearningRate", inner.learningRate),
  ],
  "inner.warmupSteps": ({ config: { inner } }) => [change("inner.warmupSteps", inner.totalSteps)],
  "inner.decaySteps": ({ config: { inner } }) =>
    changeWithin("inner.decaySteps", inner.totalSteps - inner.warmupSteps, [1, 2 ** 32 - 1]),
  "outer.momentum": () => [change("outer.momentum", 0)],
  "outer.alpha": () => [change("outer.alpha", SIGN_STEP)],
  "scoring.credit.oddsStart": ({ config: { credit } }) => [
    change("credit.oddsStart", Math.sign(credit.oddsStart) * credit.oddsBound),
    change("credit.oddsBound", Math.abs(credit.oddsStart)),
  ],
  "scoring.credit.voteTrust": ({ config: { credit } }) => [
    change("credit.voteTrust", Math.floor(1000 * logistic(credit.oddsStart)) / 1000),
  ],
  "retention.payloadWindows": ({ facts }) => kept("payloadWindows", facts.manifest),
  "retention.recordWindows": ({ facts }) => kept("recordWindows", facts.manifest),
  windows: ({ config, facts }) => {
    const left = 2 ** 32 - 1 - facts.manifest.startBlock;
    return changeWithin("windows", Math.floor(left / blocksPerWindow(config)), [1, 2 ** 32 - 1]);
  },
};

function findingOf({ path, reason }: Conflict, subject: Subject): Finding {
  const field = path.join(".");
  const works = WORKS[field]?.(subject) ?? [];
  return { rule: `manifest ${field}`, key: KEYS[field] ?? field, level: "refused", reason, works };
}

/** What the manifest would be refused for; one positive finding when nothing. */
export function conflictFindings(subject: Subject): readonly Finding[] {
  const found = manifestConflicts(subject.facts.manifest);
  if (found.length > 0) return found.map((conflict) => findingOf(conflict, subject));
  const reason = "every rule between the manifest's fields holds";
  return [{ rule: "manifest", key: "name", level: "ok", reason, works: [] }];
}
