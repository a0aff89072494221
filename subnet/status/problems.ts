/** @file What is wrong with a subnet, and what helps: pure functions of one look at it. */
import type { NextCommand } from "../../base/fault.ts";
import { doubtsOf } from "../check/findings.ts";
import { configOf, onChain } from "../config/of-manifest.ts";
import { defaultConfig } from "../config/resolve.ts";
import { PLACE_KEYS } from "../owner/options.ts";
import type { Look, RunLook } from "./look.ts";
import type { Participant } from "./participants.ts";
import type { Finished } from "./windows.ts";

/** Something that is wrong. `code` is stable, `text` for people, `next` a command that helps where there is one. */
export type Problem = {
  readonly code: string;
  readonly text: string;
  readonly next?: NextCommand;
};

type Rule = (look: Look) => readonly Problem[];

/** A command of the owner, whose wallet is named where it is one of this machine. */
function owners(ours: string, { participants }: Pick<Look, "participants">): NextCommand {
  const wallet = participants.find(({ role }) => role === "owner")?.name ?? null;
  const isOurs = wallet !== null && !wallet.includes("/");
  return { ours, keep: ["file", ...PLACE_KEYS], ...(isOurs && { set: { wallet } }) };
}
/** A miner or validator is absent when it did nothing in so many windows. */
const ABSENT_WINDOWS = 2;

/** "uid 3 (alice)", "uids 3 (alice) and 5" */
function uidsText(participants: readonly Pick<Participant, "uid" | "name">[]): string {
  const each = participants.map(({ uid, name }) => (name === null ? `${uid}` : `${uid} (${name})`));
  return each.length === 1 ? `uid ${each[0]}` : `uids ${each.join(", ")}`;
}

/** A rule about runs: silent where there is none. */
function ofRun(rule: (running: RunLook, look: Look) => readonly Problem[]): Rule {
  return (look) => (look.running === null ? [] : rule(look.running, look));
}

const isStarted: Rule = ({ summary: { startedAt, netuid } }) =>
  startedAt !== null
    ? []
    : [
        {
          code: "not-started",
          text: "the subnet is not started: it emits nothing, and nobody can stake on it",
          next: { ours: "subnet create", keep: ["file", "endpoint", "genesis"], set: { netuid } },
        },
      ];

const hasRun: Rule = (look) => {
  const { found } = look;
  if (found.kind === "none")
    return [{ code: "no-run", text: "no run is published", next: owners("subnet publish", look) }];
  if (found.kind === "unserved")
    return [
      {
        code: "unserved",
        text: `nobody hands out run ${found.runId.slice(0, 18)}, which the subnet names: nobody can join`,
        next: owners("subnet serve", look),
      },
    ];
  return [];
};

const isServed = ofRun(({ served }, look) => {
  if (served.manifest && served.data) return [];
  const what = served.manifest ? "data" : "manifest";
  return [
    {
      code: "unserved",
      text: `nobody hands out the run's ${what}: newcomers cannot join`,
      next: owners("subnet serve", look),
    },
  ];
});

const isNamed = ofRun(({ run }) =>
  run.swapped && run.text.after?.runId !== run.runId
    ? [
        {
          code: "swapped",
          text: "the identity names another run, although this one goes on: participants stay, newcomers may be misled",
        },
      ]
    : [],
);

const goesOn = ofRun(({ run }, look) => {
  const { window, manifest, decided } = run;
  const ended = manifest.windows !== 0 && window >= manifest.windows;
  if (!ended && !decided.standing.over) return [];
  return [
    {
      code: "run-over",
      text: "the run is over: nothing more is learned",
      next: owners("subnet publish", look),
    },
  ];
});

const validates = (one: Participant): boolean => one.role === "validator" && one.permit;

const hasValidator: Rule = ({ participants, nextEpoch }) => {
  if (participants.some(validates)) return [];
  const waiting = participants.filter(({ role }) => role === "validator");
  const when = nextEpoch === null ? "" : ` (the next one is in block ${nextEpoch})`;
  const text =
    waiting.length === 0
      ? "nobody validates: no update is judged, and until somebody's weights count the chain pays nobody"
      : `${uidsText(waiting)} would validate, but without a permit no vote counts: a permit takes stake, and an epoch${when}`;
  return [{ code: "no-validator", text }];
};

/** Why nothing was accepted in a window, as far as the chain shows. */
function likelyCause(one: Finished, { participants }: Look): string {
  const silent = participants.filter(
    ({ uid, permit, stakeRao, role }) =>
      permit && stakeRao > 0n && role === "validator" && !one.votedUids.includes(uid),
  );
  if (one.votedUids.length === 0)
    return silent.length === 0 ? "nobody voted" : `nobody voted: ${uidsText(silent)} should have`;
  if (one.thetaDigest === null)
    return silent.length === 0
      ? "the votes name different parameters, none of them with a majority of the stake"
      : `no majority of the stake voted: ${uidsText(silent)} did not`;
  if (one.committedUids.length === 0) return "no miner committed in time";
  return `validators accepted none of ${one.committedUids.length} updates: see their verdicts`;
}

const nullWindows = ofRun(({ finished }, look) => {
  const empty = finished.filter(({ acceptedUids }) => acceptedUids.length === 0);
  const newest = empty.at(-1);
  if (newest === undefined) return [];
  const which = empty.map(({ window }) => window).join(", ");
  const many = empty.length === 1 ? `window ${which} was null` : `windows ${which} were null`;
  const text = `${many}, the parameters stood still: ${likelyCause(newest, look)}`;
  return [{ code: "null-windows", text }];
});

/** Whether a uid that has work to do showed none of it lately. A newcomer is given the windows that everybody has. */
function isAbsent({ role, committed }: Participant, { run }: RunLook): boolean {
  const { window, manifest, decided } = run;
  if (role === "owner" || role === "idle" || decided.standing.over) return false;
  const last = manifest.windows === 0 ? window : Math.min(window, manifest.windows);
  return last >= ABSENT_WINDOWS && (committed?.window ?? -1) < last - ABSENT_WINDOWS;
}

function absenceText(one: Participant): string {
  const since =
    one.committed === null || one.committed.window < 0
      ? "has committed nothing in this run"
      : `last committed in window ${one.committed.window}`;
  const reach =
    one.answer === null
      ? "and does not answer"
      : `though it answers: ${one.answer.status.activity}`;
  return `${one.role} ${uidsText([one])} ${since} ${reach}`;
}

const absent = ofRun((running, { participants }) =>
  participants
    .filter((one) => isAbsent(one, running))
    .map((one) => ({ code: "absent", text: absenceText(one) })),
);

const silent: Rule = ({ participants, running }) =>
  participants
    .filter(({ answer, axon }) => answer === null && axon !== null)
    .filter((one) => one.role !== "idle" && (running === null || !isAbsent(one, running)))
    .map((one) => ({
      code: "unreachable",
      text: `${one.role} ${uidsText([one])} does not answer at ${one.axon?.ip}:${one.axon?.port}`,
    }));

/** Windows in which nodes hold different parameters, newest first: window, digests apart. */
export function differingWindows(participants: readonly Participant[]): readonly number[] {
  const byWindow = new Map<number, Set<string>>();
  for (const { answer } of participants)
    for (const { window, digest } of answer?.digests ?? [])
      byWindow.set(window, (byWindow.get(window) ?? new Set()).add(digest));
  return [...byWindow]
    .filter(([, digests]) => digests.size > 1)
    .map(([window]) => window)
    .toSorted((a, b) => b - a);
}

const differs = ofRun((_running, { participants }) => {
  const [window] = differingWindows(participants);
  if (window === undefined) return [];
  const groups = Map.groupBy(
    participants.filter(({ answer }) => answer?.digests.some((one) => one.window === window)),
    ({ answer }) => answer?.digests.find((one) => one.window === window)?.digest ?? "",
  );
  const told = [...groups].map(([digest, some]) => `${digest.slice(0, 10)} at ${uidsText(some)}`);
  return [
    {
      code: "digests-differ",
      text: `nodes hold different parameters in window ${window}: ${told.join("; ")}`,
    },
  ];
});

const weightsOld: Rule = ({ participants, hyperparameters, found }) => {
  const { tempo, activityCutoffFactorMilli } = hyperparameters;
  const cutoff = Math.max(1, Math.floor((activityCutoffFactorMilli * tempo) / 1000));
  return participants.filter(validates).flatMap((one) => {
    const age = found.head.number - one.lastUpdate;
    if (age <= cutoff) return [];
    const text = `validator ${uidsText([one])} has set no weights for ${age} blocks: after ${cutoff} it counts as inactive, and its weights pay nobody`;
    return [{ code: "inactive", text }];
  });
};

const chainFits = ofRun(({ run }, { hyperparameters }) => {
  const manifest = { ...run.manifest, ...run.now.rules };
  const config = onChain(configOf(manifest, defaultConfig()), hyperparameters);
  return doubtsOf(config)
    .filter(({ key }) => key.startsWith("chain."))
    .map(({ key, reason }) => ({ code: "chain-mismatch", text: `${key}: ${reason}` }));
});

const RULES: readonly Rule[] = [
  isStarted,
  hasRun,
  goesOn,
  isServed,
  isNamed,
  hasValidator,
  nullWindows,
  differs,
  absent,
  silent,
  weightsOld,
  chainFits,
];

/** Everything that is wrong, what matters most first. */
export function problemsOf(look: Look): readonly Problem[] {
  return RULES.flatMap((rule) => rule(look));
}
