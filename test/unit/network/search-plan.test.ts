/** @file The order of questions for one blob, on a clock of its own against axons of every kind. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { BackOffs } from "../../../src/network/back-offs.ts";
import { type Answered, SearchPlan } from "../../../src/network/search-plan.ts";
import type { Hex } from "../../../src/protocol/digest.ts";

const hotkeyOf = (index: number): Hex => `0x${index.toString(16).padStart(2, "0").repeat(32)}`;
const TIMEOUT_MS = 5000;

/** How an axon answers, and after how long. */
type Kind = { readonly how: Answered; readonly tookMs: number };
type Question = { readonly who: number; readonly atMs: number; endMs: number };

/** Ends a question as its axon does. */
function answer(
  kind: Kind | undefined,
  { who, atMs, endMs }: Question,
  { plan, backOffs }: { readonly plan: SearchPlan; readonly backOffs: BackOffs },
): void {
  assert.ok(kind !== undefined);
  const { how, tookMs } = kind;
  if (how === "lacks") backOffs.answered(hotkeyOf(who));
  if (how === "failed") backOffs.failed(hotkeyOf(who), tookMs, { askedMs: atMs, nowMs: endMs });
  plan.ended(hotkeyOf(who), how, endMs);
}

/** Runs a plan until it is over, or until `endMs`; who was asked when. */
function asked(
  kinds: readonly Kind[],
  how: {
    readonly owner: number | null;
    readonly othersAfterMs: number;
    readonly patienceMs: number;
    readonly chances?: number;
    readonly endMs: number;
    readonly backOffs?: BackOffs;
  },
): { readonly questions: readonly Question[]; readonly overMs: number | null } {
  const { owner, othersAfterMs, patienceMs, chances = 1, endMs } = how;
  const { backOffs = new BackOffs() } = how;
  const hotkey = owner === null ? null : hotkeyOf(owner);
  const plan = new SearchPlan(
    { owner: hotkey, startMs: 0, othersAfterMs, patienceMs, chances },
    backOffs,
  );
  const hotkeys = kinds.map((_, index) => hotkeyOf(index));
  const questions: Question[] = [];
  const open = new Set<Question>();
  for (let nowMs = 0; nowMs <= endMs;) {
    for (const question of [...open].filter((one) => one.endMs <= nowMs)) {
      open.delete(question);
      answer(kinds[question.who], question, { plan, backOffs });
    }
    const step = plan.next(hotkeys, nowMs);
    if (step.kind === "over") return { questions, overMs: nowMs };
    if (step.kind === "ask") {
      const who = hotkeys.indexOf(step.hotkey);
      assert.ok(![...open].some((one) => one.who === who), "asked while it is being asked");
      const question = { who, atMs: nowMs, endMs: nowMs + (kinds[who]?.tookMs ?? 0) };
      plan.began(step.hotkey, nowMs);
      backOffs.asking(step.hotkey, nowMs + TIMEOUT_MS);
      questions.push(question);
      open.add(question);
      continue;
    }
    assert.ok(step.untilMs > nowMs, "a rest that is over already");
    nowMs = Math.min(step.untilMs, ...[...open].map((one) => one.endMs));
  }
  return { questions, overMs: null };
}

const HANGS: Kind = { how: "failed", tookMs: TIMEOUT_MS };
const LIES: Kind = { how: "failed", tookMs: 5 };
const LACKS: Kind = { how: "lacks", tookMs: 5 };
const LARGE: Kind = { how: "never", tookMs: 5 };
const subnets = fc.array(fc.constantFrom(HANGS, LIES, LACKS, LARGE), { maxLength: 40 });

test("with patience, or none, every search ends, and each axon was asked; those in patience's time not for ever", () => {
  const search = fc.record({
    kinds: subnets,
    owner: fc.option(fc.nat(40)),
    patienceMs: fc.constantFrom(0, 5000),
    othersAfterMs: fc.constantFrom(0, 300),
    chances: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(search, ({ kinds, ...how }) => {
      const { questions, overMs } = asked(kinds, { ...how, endMs: 600_000 });
      assert.ok(overMs !== null);
      assert.equal(new Set(questions.map(({ who }) => who)).size, kinds.length);
      for (const [who, kind] of kinds.entries()) {
        const times = questions.filter((one) => one.who === who).map(({ atMs }) => atMs);
        const late = times.filter((atMs) => atMs > how.patienceMs).length;
        if (kind.how === "failed") assert.ok(times.length >= how.chances);
        const most = kind.how === "failed" ? how.chances : 1;
        assert.ok(late <= most, `${late} questions, late, to one that ${kind.how}`);
      }
    }),
  );
});

test("the owner is asked first, and again soon after each 'not yet', whoever hangs", () => {
  fc.assert(
    fc.property(subnets, fc.nat(40), (kinds, at) => {
      const owner = Math.min(at, kinds.length);
      const all = [...kinds.slice(0, owner), LACKS, ...kinds.slice(owner)];
      const how = { owner, othersAfterMs: 300, patienceMs: Infinity, endMs: 30_000 };
      const { questions } = asked(all, how);
      assert.equal(questions[0]?.who, owner);
      const times = questions.filter(({ who }) => who === owner).map(({ atMs }) => atMs);
      for (const [index, time] of times.slice(1).entries()) {
        const waited = time - (times[index] ?? 0);
        assert.ok(waited <= 5 + Math.min(1000, Math.max(60, time / 10)), `${waited} ms at ${time}`);
      }
      assert.ok(times.length < 200, "'not yet' stays cheap");
      const others = questions.filter(({ who }) => who !== owner);
      assert.ok(others.every(({ atMs }) => atMs >= 300));
    }),
  );
});

test("few at a time, one after the other while they answer, and ever more rarely", () => {
  fc.assert(
    fc.property(subnets, (kinds) => {
      const how = { owner: null, othersAfterMs: 0, patienceMs: Infinity, endMs: 60_000 };
      const { questions } = asked(kinds, how);
      for (const { atMs } of questions) {
        const open = questions.filter((one) => one.atMs <= atMs && one.endMs > atMs);
        assert.ok(open.length <= 8);
        const fresh = open.filter((one) => one.atMs > atMs - 300);
        assert.ok(fresh.length <= 1, "the next only after an answer or a moment");
      }
      for (const [who, kind] of kinds.entries()) {
        const count = questions.filter((one) => one.who === who).length;
        const most = kind === LARGE ? 1 : kind === LACKS ? 20 : kind === LIES ? 10 : 4;
        assert.ok(count <= most, `${count} questions to one that ${kind.how} in ${kind.tookMs} ms`);
      }
    }),
  );
});

/** Pauses of which the first axon has one of 20 s. */
function weighed(): BackOffs {
  const backOffs = new BackOffs();
  backOffs.failed(hotkeyOf(0), 20_000, { askedMs: -20_000, nowMs: 0 });
  return backOffs;
}

test("who is on a pause is left alone, but its own blob it is asked for at once", () => {
  const how = { othersAfterMs: 300, patienceMs: Infinity, endMs: 15_000 };
  const others = asked([HANGS, LACKS], { ...how, owner: null, backOffs: weighed() });
  assert.ok(others.questions.every(({ who }) => who === 1));
  const own = asked([LACKS, LACKS], { ...how, owner: 0, backOffs: weighed() });
  assert.deepEqual(own.questions[0], { who: 0, atMs: 0, endMs: 5 });
});

test("one pass asks those with the least against them first, and those on a pause too", () => {
  const start = { owner: null, othersAfterMs: 0, patienceMs: 0, endMs: 15_000 };
  const how = { ...start, backOffs: weighed() };
  const { questions, overMs } = asked([LACKS, LACKS, LACKS], how);
  assert.deepEqual(
    questions.map(({ who }) => who),
    [1, 2, 0],
  );
  assert.equal(overMs, 15);
});

test("nobody is published: one pass is over at once, a search that waits rests", () => {
  const backOffs = new BackOffs();
  const options = { owner: null, startMs: 0, othersAfterMs: 0, chances: 1 };
  assert.deepEqual(new SearchPlan({ ...options, patienceMs: 0 }, backOffs).next([], 0), {
    kind: "over",
  });
  assert.equal(
    new SearchPlan({ ...options, patienceMs: Infinity }, backOffs).next([], 0).kind,
    "wait",
  );
});

const at = (...axons: Hex[]): { readonly axons: readonly Hex[]; readonly nowMs: number } => ({
  axons,
  nowMs: 20_000,
});

test("a slow answer is handed on to whoever was not slow, or far less, and one that is slow is asked last, its own blob too", () => {
  const [owner, slow, other] = [hotkeyOf(0), hotkeyOf(1), hotkeyOf(2)];
  const options = { owner, startMs: 0, othersAfterMs: 0, patienceMs: 5000, chances: 4 };
  const plan = new SearchPlan({ ...options, mostAtOnce: 1, paceMs: 10_000 }, new BackOffs());
  /** Asked, and handed on. */
  const turn = (hotkey: Hex, bytesPerMs: number): void => {
    plan.began(hotkey, 20_000);
    plan.paced(hotkey, bytesPerMs);
    plan.ended(hotkey, "partly", 20_000);
  };
  assert.equal(plan.isOutdone(owner, 33, at(owner)), false, "there is nobody else");
  assert.equal(plan.isOutdone(owner, 256, at(owner, slow)), false, "it is fast");
  assert.equal(plan.isOutdone(owner, 255, at(owner, slow)), true);
  turn(owner, 33);
  assert.deepEqual(plan.next([owner, slow, other], 20_000), { kind: "ask", hotkey: slow });
  turn(slow, 70);
  assert.deepEqual(plan.outdoneBy(255), [], "the line may be slow");
  assert.deepEqual(plan.outdoneBy(256), [owner, slow]);
  assert.deepEqual(plan.next([owner, slow, other], 20_000), { kind: "ask", hotkey: other });
  plan.began(other, 20_000);
  assert.equal(plan.isOutdone(other, 36, at(owner, slow, other)), false, "hardly faster");
  assert.equal(plan.isOutdone(other, 34, at(owner, slow, other)), true);
  plan.ended(other, "never", 20_000);
  assert.deepEqual(plan.next([owner, slow, other], 20_000), { kind: "ask", hotkey: slow });
});
