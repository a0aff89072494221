/** @file Rules about what is learned: data, model size, learning rates, how much an update carries, how it is judged. */
import { leastPages } from "../../src/protocol/assignment.ts";
import {
  bytesText,
  change,
  changeWithin,
  countText,
  ok,
  type Outcome,
  plural,
  refused,
  type Rule,
  warning,
} from "./rule.ts";
import { memoryOf } from "./subject.ts";

/** Six vectors of floats in one WebAssembly memory of 4 GiB. */
const MOST_PARAMETERS = 178_000_000;
/** Less held-out text makes the measured loss noise. */
const LEAST_HELD_OUT_BYTES = 4096;
const MOST_PASSES = 10;
const LEAST_SEQUENCES = 16;
const MOST_SEQUENCES = 65_536;
/** Best rate of nano times its width; see resolve.ts. */
const RATE_TIMES_WIDTH = 0.012 * 64;
/** windows * k / chunk: 0.9 ended 15 % above a synchronous run, 1.9 within 4 %. */
const ENOUGH_COVERAGE = 2;
/** The system and other programs need the rest. */
const SAFE_MEMORY = 0.7;
const LONG_STEPS = 30;
const FEW_WINDOWS = 40;

const dataFolder: Rule = {
  rule: "data",
  key: "data.folder",
  judge({ measured }) {
    if (measured.dataFault !== null) return refused(measured.dataFault);
    if (measured.data === null) return null;
    const { trainingBytes, files } = measured.data;
    return ok(`${bytesText(trainingBytes)} of text in ${plural(files, "file")}`);
  },
};

const pages: Rule = {
  rule: "pages",
  key: "data.pagesPerWindow",
  judge({ config, measured }) {
    const { data } = measured;
    if (data === null) return null;
    const { pagesPerWindow: own, noisePages: noise, sequencesPerPage } = config.data;
    const { neurons } = measured;
    const found = `${countText(data.pages)} pages of text`;
    const neededBy = (uids: number): number => leastPages({ neurons: uids, perUid: own, noise: 0 });
    // Either fewer pages a neuron, or smaller pages of which there are more; both must still hold the own batch.
    const worksFor = (uids: number): Outcome["works"] => [
      ...changeWithin("data.pagesPerWindow", Math.floor((3 * data.pages) / (4 * uids)), [
        Math.ceil(config.evaluation.ownSequences / sequencesPerPage),
        65_536,
      ]),
      ...changeWithin(
        "data.sequencesPerPage",
        Math.floor((sequencesPerPage * data.pages) / (neededBy(uids) + 1)),
        [
          Math.ceil(
            Math.max(
              config.evaluation.ownSequences / own,
              config.evaluation.noiseSequences / noise,
            ),
          ),
          65_536,
        ],
      ),
    ];
    if (data.pages < neededBy(neurons))
      return refused(
        `${found}, but ${neurons} neurons need ${countText(neededBy(neurons))}: use more text, or smaller or fewer pages`,
        worksFor(neurons),
      );
    const most = Math.floor((3 * data.pages) / (4 * own));
    const uids = config.chain.maximumUids;
    if (most >= uids) return ok(`${found}, enough for ${countText(most)} neurons`);
    const last = Math.floor((3 * data.pages) / 4);
    return warning(
      last < uids
        ? `${found} are enough for ${most} neurons of ${uids}; beyond, each gets fewer, and beyond ${last} the run ends`
        : `${found} are enough for ${most} neurons of ${uids}; beyond, each gets fewer and the scores blur`,
      worksFor(uids),
    );
  },
};

const heldOut: Rule = {
  rule: "held-out text",
  key: "data.folder",
  judge({ measured }) {
    if (measured.data === null) return null;
    const { heldOutBytes, files } = measured.data;
    const told = `${bytesText(heldOutBytes)} of the text in ${countText(files)} files are held out to measure the loss`;
    if (heldOutBytes >= LEAST_HELD_OUT_BYTES) return ok(told);
    return refused(
      `${told}, at least ${bytesText(LEAST_HELD_OUT_BYTES)} are needed: use 32 times as much text`,
    );
  },
};

const passes: Rule = {
  rule: "passes",
  key: "data.pagesPerWindow",
  judge({ config }) {
    const { inner, data, evaluation } = config;
    const trained = inner.steps * inner.batch;
    const count = trained / (data.pagesPerWindow * data.sequencesPerPage);
    const told = `a window reads each assigned sequence ${Number(count.toPrecision(2))} times`;
    const least = Math.ceil(evaluation.ownSequences / data.sequencesPerPage);
    const sized = (times: number): number => Math.floor(trained / times / data.sequencesPerPage);
    if (count < 1)
      return warning(
        `${told}: validators ask about pages that were never read`,
        changeWithin("data.pagesPerWindow", sized(1), [Math.max(1, least), 65_536]),
      );
    if (count > MOST_PASSES)
      return warning(
        `${told}: miners learn their pages by heart and little else`,
        changeWithin("data.pagesPerWindow", sized(2), [Math.max(1, least), 65_536]),
      );
    return ok(told);
  },
};

const modelSize: Rule = {
  rule: "model size",
  key: "model.preset",
  judge({ facts }) {
    if (facts.sizes === null) return null;
    const { parameters } = facts.sizes;
    if (parameters <= MOST_PARAMETERS) return ok(`${countText(parameters)} parameters`);
    return refused(
      `${countText(parameters)} parameters do not fit into the engine's memory, which ends at ${countText(MOST_PARAMETERS)}`,
    );
  },
};

const memory: Rule = {
  rule: "memory",
  key: "inner.batch",
  judge({ config, facts, measured }) {
    if (facts.sizes === null) return null;
    const { base, perSequence } = facts.sizes.memoryBytes;
    const total = memoryOf(config, facts.sizes);
    const told = `a node takes about ${bytesText(total)}, this machine has ${bytesText(measured.memoryBytes)}`;
    const share = total / measured.memoryBytes;
    const smaller = Math.floor((SAFE_MEMORY * measured.memoryBytes - base) / perSequence);
    const works = changeWithin("inner.batch", smaller, [1, config.inner.batch]);
    if (share > 1) return refused(told, works);
    return share > SAFE_MEMORY ? warning(told, works) : ok(told);
  },
};

const coverage: Rule = {
  rule: "coverage",
  key: "codec.k",
  judge({ config: { windows, codec } }) {
    if (windows === 0) return ok("an endless run sends every coordinate often enough");
    const sent = (windows * codec.k) / codec.chunk;
    const told = `windows * k / chunk is ${Number(sent.toPrecision(2))}`;
    if (sent >= 0.75 * ENOUGH_COVERAGE) return ok(`${told}; about ${ENOUGH_COVERAGE} is enough`);
    const k = Math.ceil((ENOUGH_COVERAGE * codec.chunk) / windows);
    const longer = Math.ceil((ENOUGH_COVERAGE * codec.chunk) / codec.k);
    return warning(
      `${told}, should reach about ${ENOUGH_COVERAGE}: most of what miners learn is never sent`,
      [
        ...changeWithin("codec.k", k, [1, codec.chunk]),
        ...changeWithin("windows", longer, [1, 2 ** 32 - 1]),
      ],
    );
  },
};

const outerSteps: Rule = {
  rule: "outer steps",
  key: "inner.steps",
  judge({ config: { windows, inner } }) {
    if (windows === 0 || windows >= FEW_WINDOWS || inner.steps < LONG_STEPS)
      return ok(`${inner.steps} inner steps a window`);
    return warning(
      `${inner.steps} inner steps in only ${windows} windows: many short windows reach a far lower loss than few long ones`,
      [change("inner.steps", LONG_STEPS / 3), change("windows", FEW_WINDOWS)],
    );
  },
};

const learningRate: Rule = {
  rule: "learning rate",
  key: "inner.learningRate",
  judge({ config: { inner, model } }) {
    const usual = Number((RATE_TIMES_WIDTH / model.width).toPrecision(3));
    const times = inner.learningRate / usual;
    const told = `learning rate ${inner.learningRate} at width ${model.width}`;
    if (times > 4)
      return warning(`${told}: above 4 times the usual ${usual}, training may diverge`, [
        [
          ...change("inner.learningRate", usual),
          ...change("inner.minimumLearningRate", usual / 10),
        ],
      ]);
    if (times < 0.1)
      return warning(`${told}: below a tenth of the usual ${usual}, little is learned`, [
        change("inner.learningRate", usual),
      ]);
    return ok(told);
  },
};

const schedule: Rule = {
  rule: "schedule",
  key: "inner.totalSteps",
  judge({ config: { windows, inner } }) {
    const at = Math.ceil(inner.totalSteps / inner.steps);
    if (windows === 0) return ok(`the learning rate is at its minimum from window ${at} on`);
    const share = inner.totalSteps / (inner.steps * windows);
    if (share >= 0.9 && share <= 1.1)
      return ok("the learning rate reaches its minimum with the last window");
    const works = changeWithin("inner.totalSteps", inner.steps * windows, [1, 2 ** 32 - 1]);
    return share < 0.9
      ? warning(`the learning rate is at its minimum from window ${at} of ${windows} on`, works)
      : warning(`the run ends before the learning rate has fallen (window ${at})`, works);
  },
};

const evaluationSize: Rule = {
  rule: "evaluation size",
  key: "evaluation.ownSequences",
  judge({ config: { evaluation, data } }) {
    const { ownSequences: own, noiseSequences: noise } = evaluation;
    const told = `verdicts rest on ${own} own and ${noise} noise sequences`;
    if (own >= LEAST_SEQUENCES && noise >= LEAST_SEQUENCES) return ok(told);
    const bound = (count: number): number =>
      Math.min(MOST_SEQUENCES, count * data.sequencesPerPage);
    const wanted = [
      ...(own >= LEAST_SEQUENCES || bound(data.pagesPerWindow) < LEAST_SEQUENCES
        ? []
        : change("evaluation.ownSequences", LEAST_SEQUENCES)),
      ...(noise >= LEAST_SEQUENCES || bound(data.noisePages) < LEAST_SEQUENCES
        ? []
        : change("evaluation.noiseSequences", LEAST_SEQUENCES)),
    ];
    const complete =
      wanted.length === [own, noise].filter((count) => count < LEAST_SEQUENCES).length;
    return warning(
      `${told}: with fewer than ${LEAST_SEQUENCES} one in ten is wrong by chance`,
      complete ? [wanted] : [],
    );
  },
};

/** Rules about what is learned. */
export const TRAINING_RULES: readonly Rule[] = [
  dataFolder,
  pages,
  heldOut,
  passes,
  modelSize,
  memory,
  coverage,
  outerSteps,
  learningRate,
  schedule,
  evaluationSize,
];
