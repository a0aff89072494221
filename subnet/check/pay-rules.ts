/** @file Rules about pay in either mode: copies, trust, floor, and what the chain does with commitments, weights and newcomers. */
import type { SubnetConfig } from "../config/schema.ts";
import {
  change,
  changeWithin,
  countText,
  ok,
  plural,
  refused,
  type Rule,
  warning,
} from "./rule.ts";

const MOST_TEMPO = 65_535;
const MOST_IMMUNITY = 65_535;
/** Bytes of commitments that a hotkey may put on chain in an epoch, and the least that one is charged. */
const COMMITMENT_BYTES = 3100;
const LEAST_CHARGE = 100;
/** Window number and digests of a vote, beside one bit a uid. */
const VOTE_BYTES = 104;
/** Tempos after which a validator that set no weights counts as inactive. */
const ACTIVE_TEMPOS = 13.889;

const overlap: Rule = {
  rule: "overlap",
  key: "scoring.maximumOverlap",
  judge({ config: { codec, scoring } }) {
    const chance = codec.k / codec.chunk;
    const told = `two strangers share ${Number((100 * chance).toPrecision(2))} % of coordinates by chance, updates are compared from ${Number((100 * scoring.maximumOverlap).toPrecision(2))} %`;
    const works = [
      ...changeWithin("codec.k", Math.floor((codec.chunk * scoring.maximumOverlap) / 4), [
        1,
        codec.chunk,
      ]),
      ...(chance < 0.5 ? [change("scoring.maximumOverlap", Math.min(1, 4 * chance))] : []),
    ];
    if (scoring.maximumOverlap <= chance)
      return refused(`${told}: every honest pair looks like one work`, works);
    if (scoring.maximumOverlap < 3 * chance)
      return warning(`${told}: validators will compare honest pairs`, works);
    return ok(told);
  },
};

const oldWork: Rule = {
  rule: "old work",
  key: "scoring.overlapWindows",
  judge({ config: { scoring } }) {
    if (scoring.overlapWindows > 0)
      return ok(`work of the last ${scoring.overlapWindows} windows cannot be sent again`);
    return warning("old updates are not looked at: one update can be sold again and again", [
      change("scoring.overlapWindows", 3),
    ]);
  },
};

/** Windows of honest work that lift the log-odds of a new hotkey to their bound in mode credit. */
function risingWindows({ oddsStart, oddsBound, oddsRise }: SubnetConfig["credit"]): number {
  return Math.ceil((oddsBound - oddsStart) / oddsRise);
}

const trust: Rule = {
  rule: "trust",
  key: "scoring.trustThreshold",
  judge({ config: { windows, scoring } }) {
    if (scoring.mode === "credit") return null;
    const { trustThreshold: threshold, trustWarmupWindows: warmup } = scoring;
    if (threshold === 0)
      return warning("trust stops nobody: who trains on other pages is paid", [
        change("scoring.trustThreshold", 0.1),
      ]);
    if (windows > 0 && warmup >= windows)
      return warning(
        `trust counts from a hotkey's window ${warmup} on, the run has ${windows}`,
        changeWithin("scoring.trustWarmupWindows", Math.floor(windows / 2), [0, 100_000]),
      );
    return ok(`below trust ${threshold} nothing is paid from window ${warmup} on`);
  },
};

const newcomers: Rule = {
  rule: "newcomers",
  key: "credit.oddsRise",
  judge({ config: { windows, scoring, credit } }) {
    if (scoring.mode !== "credit") return null;
    const rising = risingWindows(credit);
    const told = `a new hotkey is fully trusted after ${plural(rising, "honest window")}`;
    if (windows === 0 || rising < windows) return ok(told);
    const wanted = (credit.oddsBound - credit.oddsStart) / Math.max(1, Math.floor(windows / 2));
    return warning(
      `${told}, the run has ${windows}`,
      wanted <= 20 && windows > 1 ? [change("credit.oddsRise", wanted)] : [],
    );
  },
};

const distrust: Rule = {
  rule: "distrust",
  key: "credit.voteTrust",
  judge({ config: { scoring, credit } }) {
    if (scoring.mode !== "credit") return null;
    if (credit.voteTrust > 0) return ok(`below trust ${credit.voteTrust} nothing is applied`);
    return warning("updates of every hotkey are applied, however often they helped nobody", [
      change("credit.voteTrust", 0.1),
    ]);
  },
};

const floor: Rule = {
  rule: "floor",
  key: "credit.floor",
  judge({ config: { scoring, credit } }) {
    if (scoring.mode !== "credit") return null;
    if (credit.floor > 0) return ok(`credit below ${credit.floor} of the strongest's is not paid`);
    return warning("one step scaled up and work split over many uids are paid like any other", [
      change("credit.floor", 0.3),
    ]);
  },
};

const quota: Rule = {
  rule: "commitments",
  key: "chain.tempo",
  judge({ config: { chain }, facts }) {
    const charge = Math.max(LEAST_CHARGE, VOTE_BYTES + Math.ceil(chain.maximumUids / 8));
    const allowed = Math.floor(COMMITMENT_BYTES / charge);
    const windows = Math.ceil(chain.tempo / facts.blocksPerWindow);
    const works = changeWithin(
      "chain.tempo",
      Math.min(MOST_TEMPO, allowed * facts.blocksPerWindow),
      [1, MOST_TEMPO],
    );
    const told = `${plural(windows, "window")} in an epoch, the chain takes ${allowed} commitments of a hotkey`;
    if (windows > allowed) return refused(`${told}: later ones are refused`, works);
    if (2 * windows > allowed)
      return warning(
        `${told}: a hotkey that mines and validates needs two a window`,
        changeWithin(
          "chain.tempo",
          Math.min(MOST_TEMPO, Math.floor(allowed / 2) * facts.blocksPerWindow),
          [1, MOST_TEMPO],
        ),
      );
    return ok(told);
  },
};

const payDay: Rule = {
  rule: "epochs",
  key: "chain.tempo",
  judge({ config: { chain, windows }, facts }) {
    const every = chain.tempo / facts.blocksPerWindow;
    const told = `weights turn into pay every ${plural(chain.tempo, "block")}, that is ${plural(Number(every.toPrecision(2)), "window")}`;
    const works = changeWithin("chain.tempo", Math.min(MOST_TEMPO, facts.blocksPerWindow), [
      1,
      MOST_TEMPO,
    ]);
    if (windows > 0 && every > windows)
      return refused(`${told}: the run ends before anybody is paid`, works);
    if (windows > 0 && every > windows / 4)
      return warning(`${told}: few pay days in ${windows} windows`, works);
    return ok(told);
  },
};

const activity: Rule = {
  rule: "activity",
  key: "chain.tempo",
  judge({ config: { chain }, facts }) {
    const cutoff = Math.floor(ACTIVE_TEMPOS * chain.tempo);
    if (cutoff > facts.blocksPerWindow)
      return ok("validators that set weights every window count as active");
    return refused(
      `a window of ${countText(facts.blocksPerWindow)} blocks is longer than the ${countText(cutoff)} after which a validator counts as inactive`,
      changeWithin("chain.tempo", Math.ceil((facts.blocksPerWindow + 2) / ACTIVE_TEMPOS), [
        1,
        MOST_TEMPO,
      ]),
    );
  },
};

const weightsRate: Rule = {
  rule: "weights",
  key: "chain.weightsRateLimit",
  judge({ config: { chain }, facts }) {
    if (chain.weightsRateLimit <= facts.blocksPerWindow)
      return ok("weights may be set in every window");
    return warning(
      `weights may be set every ${chain.weightsRateLimit} blocks, a window has ${facts.blocksPerWindow}: some windows' scores never count`,
      [change("chain.weightsRateLimit", 0)],
    );
  },
};

const immunity: Rule = {
  rule: "immunity",
  key: "chain.immunityPeriod",
  judge({ config: { chain, scoring, credit }, facts }) {
    const warmup = scoring.mode === "credit" ? risingWindows(credit) : scoring.trustWarmupWindows;
    const first = 2 * facts.blocksPerWindow + chain.tempo;
    const settled = (warmup + 1) * facts.blocksPerWindow + chain.tempo;
    const told = `a newcomer is safe for ${countText(chain.immunityPeriod)} blocks`;
    const wanted = Math.min(MOST_IMMUNITY, Math.max(first, settled));
    const works = wanted < first ? [] : [change("chain.immunityPeriod", wanted)];
    if (chain.immunityPeriod < first)
      return refused(
        `${told}, its first pay comes after up to ${countText(first)}: it is replaced before`,
        works,
      );
    if (chain.immunityPeriod < wanted)
      return warning(`${told}, its trust has settled after ${countText(settled)}`, works);
    return ok(told);
  },
};

const permits: Rule = {
  rule: "permits",
  key: "chain.maximumValidators",
  judge({ config: { chain } }) {
    if (chain.maximumValidators < chain.maximumUids)
      return ok(`up to ${chain.maximumValidators} validators among ${chain.maximumUids} uids`);
    return warning("every uid may validate: anybody with a little stake votes", [
      change("chain.maximumValidators", Math.max(1, Math.floor(chain.maximumUids / 4))),
    ]);
  },
};

/** Rules about pay and the chain. */
export const PAY_RULES: readonly Rule[] = [
  overlap,
  oldWork,
  trust,
  newcomers,
  distrust,
  floor,
  quota,
  payDay,
  activity,
  weightsRate,
  immunity,
  permits,
];
