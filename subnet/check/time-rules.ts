/** @file Rules about time: phases against finality, measured speed, the slowest uplink, a validator's work. */
import type { SubnetConfig } from "../config/schema.ts";
import {
  bytesText,
  type Change,
  change,
  changeWithin,
  countText,
  ok,
  type Outcome,
  plural,
  refused,
  type Rule,
  timeText,
  warning,
} from "./rule.ts";
import { type Subject, updateBytesOf } from "./subject.ts";

const MOST_BLOCKS = 100_000;
const MOST_LAG = 1000;
/** Share of a phase that measured work may fill: other machines are slower, and busy at times. */
const SAFE_SHARE = 0.7;
/** Sequences below which a verdict is mostly luck. */
const LEAST_SEQUENCES = 16;

const judgeAt = ({ phases }: SubnetConfig): number => phases.train + phases.commit + phases.reveal;

const finality: Rule = {
  rule: "finality",
  key: "phases.finalityLag",
  judge({ config }) {
    const { phases } = config;
    const known = phases.deadlineOffset + 1 + phases.finalityLag;
    const late = known - judgeAt(config);
    if (late <= 0) return ok("the evaluation seed is final when the judge phase begins");
    const works = changeWithin("phases.reveal", phases.reveal + late, [1, MOST_BLOCKS]);
    return warning(
      `the evaluation seed is final only ${late} blocks into the judge phase: validators wait for it`,
      works,
    );
  },
};

/**
 * Why phases do not fit a chain whose newest block is `lag` blocks ahead of the final one, and what would fit; null: they do. Nodes send
 * when they see a block that is final, so what they send comes so much later.
 */
function unfit({ phases }: SubnetConfig, lag: number): { reason: string; works: Change[] } | null {
  const { finalityLag, train, commit, deadlineOffset, judge } = phases;
  const reasons: string[] = [];
  const works: Change[] = [];
  if (lag > finalityLag) {
    reasons.push(
      `the phases count with ${finalityLag}: seeds would be known after they are needed`,
    );
    works.push(...change("phases.finalityLag", lag));
  }
  if (train + lag > deadlineOffset) {
    reasons.push("a commitment comes after its deadline");
    works.push(...change("phases.commit", Math.max(commit, lag + 1)));
    works.push(...change("phases.deadlineOffset", train + lag));
  }
  if (judge <= lag) {
    reasons.push("a vote comes after its window");
    works.push(...change("phases.judge", lag + 1));
  }
  return reasons.length === 0 ? null : { reason: reasons.join("; "), works };
}

const measuredFinality: Rule = {
  rule: "measured finality",
  key: "phases.finalityLag",
  judge({ config, measured }) {
    if (measured.finality === null) return null;
    const { lag, blocks } = measured.finality;
    const told = `the newest of ${countText(blocks)} blocks was at most ${plural(lag, "block")} ahead of what is final`;
    const found = unfit(config, lag);
    if (found === null) return ok(told);
    return refused(`${told}; ${found.reason}`, lag > MOST_LAG ? [] : [found.works]);
  },
};

const secondTry: Rule = {
  rule: "second try",
  key: "phases.commit",
  judge({ config: { phases } }) {
    const blocks = phases.deadlineOffset - phases.train + 1;
    if (blocks >= 2) return ok(`${blocks} blocks to put a commitment on chain`);
    const commit = Math.max(2, phases.commit);
    return warning(
      "a commitment counts in one block only: a transaction that slips costs the window",
      [[...change("phases.commit", commit), ...change("phases.deadlineOffset", phases.train + 1)]],
    );
  },
};

/** What would give `needMs` of work a train phase that it fills to the safe share. */
function longerTraining({ config, measured }: Subject, workMs: number): Outcome["works"] {
  const { phases, inner } = config;
  const { engine } = measured;
  const roomMs = workMs / SAFE_SHARE;
  const train = Math.ceil(roomMs / phases.blockMs);
  const shift = train - phases.train;
  const fixed = workMs - inner.steps * (engine?.stepMs ?? 0);
  const trainMs = phases.train * phases.blockMs;
  const steps = Math.floor((SAFE_SHARE * trainMs - fixed) / (engine?.stepMs ?? 1));
  const blocks = train > MOST_BLOCKS ? [] : [change("phases.train", train)];
  const moved = blocks.map((one) =>
    phases.deadlineOffset === phases.train + phases.commit - 1
      ? one
      : [...one, ...change("phases.deadlineOffset", phases.deadlineOffset + shift)],
  );
  return [
    ...moved,
    ...changeWithin("inner.steps", steps, [1, 100_000]),
    ...changeWithin("phases.blockMs", Math.ceil(roomMs / phases.train), [50, 60_000]),
  ];
}

const stepTime: Rule = {
  rule: "step time",
  key: "phases.train",
  judge(subject) {
    const { config, measured } = subject;
    const { engine } = measured;
    if (engine === null) return null;
    const { steps } = config.inner;
    const workMs = steps * engine.stepMs + engine.compressMs + engine.turnMs;
    const trainMs = config.phases.train * config.phases.blockMs;
    const told = `${steps} steps, compressing and the outer step take ${timeText(workMs)} here (${engine.device}), the train phase lasts ${timeText(trainMs)}`;
    if (workMs > trainMs) return refused(told, longerTraining(subject, workMs));
    if (workMs > SAFE_SHARE * trainMs)
      return warning(
        `${told}: slower or busy machines will be late`,
        longerTraining(subject, workMs),
      );
    return ok(told);
  },
};

/** The largest k up to the configured one whose update is sent within `ms`; 0 if none is. */
function largestK({ config, facts, measured }: Subject, ms: number): number {
  const { chunk } = config.codec;
  const limit = (ms * measured.uplinkMbps * 1000) / 8;
  const lengths = facts.sizes?.lengths ?? [];
  let [fits, fails] = [0, config.codec.k + 1];
  while (fails - fits > 1) {
    const k = Math.floor((fits + fails) / 2);
    if (updateBytesOf(lengths, { k, chunk }) <= limit) fits = k;
    else fails = k;
  }
  return fits;
}

const uploadMs = ({ facts, measured }: Subject, copies: number): number =>
  ((facts.sizes?.updateBytes ?? 0) * copies * 8) / (measured.uplinkMbps * 1000);

const upload: Rule = {
  rule: "upload",
  key: "phases.reveal",
  judge(subject) {
    const { config, facts, measured } = subject;
    if (facts.sizes === null) return null;
    const { reveal, blockMs } = config.phases;
    const readers = config.chain.maximumValidators;
    const size = bytesText(facts.sizes.updateBytes);
    const revealMs = reveal * blockMs;
    const [one, all] = [uploadMs(subject, 1), uploadMs(subject, readers)];
    const room = timeText(revealMs);
    const blocksFor = (ms: number): Outcome["works"] =>
      changeWithin("phases.reveal", Math.ceil(ms / blockMs), [1, MOST_BLOCKS]);
    if (one > revealMs)
      return refused(
        `an update of ${size} takes ${timeText(one)} at ${measured.uplinkMbps} Mb/s, the reveal phase lasts ${room}`,
        [...blocksFor(one), ...changeWithin("codec.k", largestK(subject, revealMs), [1, 65_536])],
      );
    if (all > revealMs)
      return warning(
        `${readers} validators fetch ${size} each: ${timeText(all)} of one miner's uplink, the reveal phase lasts ${room}`,
        [...blocksFor(all)],
      );
    return ok(`an update of ${size} reaches ${readers} validators in ${timeText(all)} of ${room}`);
  },
};

const download: Rule = {
  rule: "download",
  key: "phases.reveal",
  judge(subject) {
    const { config, facts, measured } = subject;
    if (facts.sizes === null) return null;
    const { reveal, blockMs } = config.phases;
    const ms = uploadMs(subject, measured.neurons);
    const told = `a validator fetches ${measured.neurons} updates in ${timeText(ms)} at ${measured.uplinkMbps} Mb/s, the reveal phase lasts ${timeText(reveal * blockMs)}`;
    if (ms <= reveal * blockMs) return ok(told);
    return warning(told, changeWithin("phases.reveal", Math.ceil(ms / blockMs), [1, MOST_BLOCKS]));
  },
};

const gateTime: Rule = {
  rule: "gate time",
  key: "phases.judge",
  judge({ config, measured }) {
    const { engine, neurons } = measured;
    if (engine === null) return null;
    const { reveal, judge, blockMs } = config.phases;
    const each = (1000 * (neurons + 1)) / engine.lossesPerSecond;
    const ms = config.evaluation.noiseSequences * each;
    // The last block counts the votes: a vote must be in by then.
    const [room, judging] = [(reveal + judge - 1) * blockMs, (judge - 1) * blockMs];
    const told = `judging ${neurons} updates on ${config.evaluation.noiseSequences} sequences takes ${timeText(ms)} here`;
    const works = [
      ...changeWithin("phases.judge", Math.ceil(ms / SAFE_SHARE / blockMs) + 1, [1, MOST_BLOCKS]),
      ...changeWithin("evaluation.noiseSequences", Math.floor((SAFE_SHARE * judging) / each), [
        LEAST_SEQUENCES,
        65_536,
      ]),
    ];
    if (ms > room)
      return refused(`${told}, reveal and judge leave ${timeText(room)} before votes count`, works);
    if (ms > SAFE_SHARE * judging)
      return warning(`${told}, the judge phase leaves ${timeText(judging)}`, works);
    return ok(`${told} of ${timeText(judging)}`);
  },
};

const scoreTime: Rule = {
  rule: "score time",
  key: "evaluation.ownSequences",
  judge({ config, facts, measured }) {
    const { engine, neurons } = measured;
    if (engine === null) return null;
    const { ownSequences: own, noiseSequences: noise } = config.evaluation;
    const gate = noise * (neurons + 1);
    const ms = (1000 * (gate + 2 * own * neurons)) / engine.lossesPerSecond;
    const sequences = (SAFE_SHARE * facts.windowMs * engine.lossesPerSecond) / 1000;
    const fewer = Math.floor((sequences - gate) / (2 * neurons));
    const { judge: judging, blockMs } = config.phases;
    const missing = Math.ceil((ms / SAFE_SHARE - facts.windowMs) / blockMs);
    const works = [
      ...changeWithin("phases.judge", judging + missing, [1, MOST_BLOCKS]),
      ...changeWithin("evaluation.ownSequences", fewer, [LEAST_SEQUENCES, 65_536]),
      ...changeWithin(
        "phases.blockMs",
        Math.ceil(ms / SAFE_SHARE / facts.blocksPerWindow),
        [50, 60_000],
      ),
    ];
    const told = `scoring ${neurons} updates in depth takes ${timeText(ms)} here, a window lasts ${timeText(facts.windowMs)}`;
    if (ms > facts.windowMs) return refused(`${told}: validators fall behind for good`, works);
    if (ms > SAFE_SHARE * facts.windowMs) return warning(told, works);
    return ok(told);
  },
};

/** Rules about time. */
export const TIME_RULES: readonly Rule[] = [
  finality,
  measuredFinality,
  secondTry,
  stepTime,
  upload,
  download,
  gateTime,
  scoreTime,
];
