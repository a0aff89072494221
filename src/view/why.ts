/**
 * @file What a score is made of, and what it would be if one thing were otherwise: the very functions by which validators score
 * (docs/gauntlet.md#pay), asked again with that thing changed.
 */
import type { WhyView } from "../api/page.ts";
import { weightsOf } from "../gauntlet/incentive.ts";
import {
  confidenceOf,
  deductionOf,
  payOf,
  type Standing,
  type Terms,
  termsOf,
} from "../gauntlet/reference.ts";
import type { WindowRecord } from "../protocol/record.ts";
import type { CreditConstants, ScoringRules } from "../protocol/scoring.ts";
import { finite, partOf } from "./numbers.ts";

/** A hotkey in its field. */
type Place = Standing & { readonly uid: number };

/** What is changed, in words, and how the miner would stand then. */
type Change = { readonly what: string; readonly standing: Standing };

/** All that are scored, by ascending uid: the field that terms are made from. */
function fieldOf({ miners }: WindowRecord): readonly Place[] {
  return miners.flatMap(({ uid, credit, trust }) => {
    const average = finite(credit?.average);
    const attendance = finite(credit?.attendance);
    const trusted = finite(trust);
    if (average === null || attendance === null || trusted === null) return [];
    return [{ uid, credit: Math.max(0, average), attendance, trust: trusted }];
  });
}

/** Score and share of a uid in a field. */
function paid(
  field: readonly Place[],
  uid: number,
  constants: CreditConstants,
): { readonly score: number; readonly share: number; readonly terms: Terms } {
  const terms = termsOf(field, constants);
  const finals = field.map((place) => ({ uid: place.uid, final: payOf(place, terms) }));
  const { uids, weights } = weightsOf(finals, 1);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const at = uids.indexOf(uid);
  return {
    score: finals.find((one) => one.uid === uid)?.final ?? 0,
    share: partOf(at < 0 ? 0 : (weights[at] ?? 0), all),
    terms,
  };
}

/** What a miner can change about its standing. */
function changesOf(mine: Place, field: readonly Place[], terms: Terms): readonly Change[] {
  const { credit, attendance, trust } = mine;
  const best = field.reduce((top, one) => (one.credit > top.credit ? one : top), mine);
  return [
    {
      what: `if its updates lowered the loss as much as those of uid ${best.uid}, the strongest here`,
      standing: { credit: best.credit, attendance, trust },
    },
    {
      what: "if an update of it had come in every window",
      standing: { credit, attendance: 1, trust },
    },
    {
      what: "if its updates helped its own pages as surely as is usual here",
      standing: { credit, attendance, trust: Math.max(trust, terms.usualTrust) },
    },
  ];
}

/** The changes that would be for the better, and all of them together where there are several. */
function betterOf(mine: Place, changes: readonly Change[]): readonly Change[] {
  const better = changes.filter(({ standing }) => isBetter(mine, standing));
  if (better.length < 2) return better;
  const best = (part: keyof Standing): number =>
    Math.max(...better.map(({ standing }) => standing[part]));
  const standing = {
    credit: best("credit"),
    attendance: best("attendance"),
    trust: best("trust"),
  };
  return [...better, { what: "all of these together", standing }];
}

const isBetter = (now: Standing, then: Standing): boolean =>
  then.credit > now.credit || then.attendance > now.attendance || then.trust > now.trust;

/** Why a uid has its score in a record; null where the record does not score it. Mode `published` has no terms to show. */
export function whyOf(
  record: WindowRecord,
  uid: number,
  scoring: ScoringRules,
): Omit<WhyView, "record"> | null {
  const row = record.miners.find((one) => one.uid === uid);
  if (row === undefined) return null;
  const all = record.miners.reduce((sum, { weight }) => sum + weight, 0);
  const common = {
    window: record.window,
    score: finite(row.final) ?? 0,
    share: partOf(row.weight, all),
    fairShare: partOf(1, record.accepted.length),
  };
  const field = fieldOf(record);
  const mine = field.find((place) => place.uid === uid);
  if (scoring.mode !== "credit" || mine === undefined)
    return { ...common, terms: null, changes: [] };
  const { credit: constants } = scoring;
  const { terms } = paid(field, uid, constants);
  const { credit, attendance, trust } = mine;
  const { usualTrust } = terms;
  const floor = deductionOf(credit, terms);
  const confidence = confidenceOf(trust, terms);
  const changes = betterOf(mine, changesOf(mine, field, terms)).map(({ what, standing }) => {
    const then = field.map((place) => (place.uid === uid ? { uid, ...standing } : place));
    const { score, share } = paid(then, uid, constants);
    return { what, score, share };
  });
  return {
    ...common,
    terms: { credit, floor, attendance, trust, usualTrust, confidence },
    changes,
  };
}
