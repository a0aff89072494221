/** @file What is asked of a league: the words it is started with, and what is refused before it starts. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { strategiesByName } from "../../../../league/strategy-list.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { castWords, isModelled, leaguesOf } from "../../../../subnet/simulate/asked.ts";
import { simulateOptions } from "../../../../subnet/simulate/options.ts";

const known = [...(await strategiesByName()).values()].map(({ name, about, bound, uids = 1 }) => ({
  name,
  about,
  bound,
  uids,
}));
const folder = mkdtempSync(join(tmpdir(), "assay-asked-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "subnet.toml");
writeFileSync(file, 'name = "asked"\n[scoring]\nmode = "published"\n');

const asked = (options: Readonly<Record<string, unknown>>): ReturnType<typeof leaguesOf> =>
  leaguesOf(simulateOptions.parse({ file, ...options }));
const refusal = (what: () => unknown): string => {
  try {
    what();
  } catch (error) {
    assert.ok(isAssayError(error, "bad-option"));
    return error.explanation.cause;
  }
  return assert.fail("it was not refused");
};

test("without casts those that every owner asks first, and the league knows them", () => {
  const words = castWords({ cast: [], all: false }, known);
  assert.ok(words.length > 0 && words.every((word) => word.startsWith("--cast=")));
});

test("casts are named as the league takes them; all of them are its own choice", () => {
  assert.deepEqual(castWords({ cast: ["copy, noise", "lazy"], all: false }, known), [
    "--cast=copy,noise",
    "--cast=lazy",
  ]);
  assert.deepEqual(castWords({ cast: [], all: true }, known), []);
});

test("an unknown strategy is refused with the nearest one", () => {
  const told = refusal(() => castWords({ cast: ["copy,lazzy"], all: false }, known));
  assert.match(told, /"lazzy"; nearest one: lazy/);
  for (const cast of [[""], ["copy,"], [","]])
    assert.match(
      refusal(() => castWords({ cast, all: false }, known)),
      /there is no strategy ""/,
    );
});

test("the file's own mode of scoring is played, under what is set", () => {
  const [league] = asked({ set: ["outer.alpha=0.5"], seed: 7 });
  assert.equal(league?.setting, null);
  const args = league?.args ?? [];
  assert.deepEqual(
    args.filter((word) => word.startsWith("--set")),
    ["--set=scoring.mode=published", "--set=outer.alpha=0.5"],
  );
  assert.ok(args.includes(`--config=${file}`) && args.includes("--seed=7"));
  assert.ok(args.includes("--regime=learning"));
  assert.ok(!asked({ regime: "both" })[0]?.args.some((word) => word.startsWith("--regime")));
});

test("a size at which nobody trains is modelled, and what was asked for is the field's", () => {
  const small = asked({})[0]?.args ?? [];
  assert.ok(!small.includes("--model") && !small.some((word) => word.startsWith("--validators")));
  assert.equal(isModelled(simulateOptions.parse({ file })), false);
  for (const [options, wanted] of [
    [{ uids: 256, validators: 16 }, ["--miners=240", "--validators=16"]],
    [{ uids: 12 }, ["--miners=10", "--validators=2"]],
    [{ validators: 3 }, ["--miners=10", "--validators=3"]],
    [{ miners: 65, regime: "both" }, ["--miners=65", "--validators=2"]],
    [{ model: true }, ["--miners=10", "--validators=2"]],
  ] as const) {
    const args = asked(options)[0]?.args ?? [];
    for (const word of ["--model", ...wanted])
      assert.ok(args.includes(word), `${word}: ${args.join(" ")}`);
    assert.ok(!args.some((word) => word.startsWith("--regime")));
  }
  // All that owners ask first fit into one field.
  assert.equal(castWords({ cast: [], all: false }, known, true).length, 1);
});

test("a sweep is one league a value", () => {
  const leagues = asked({ sweep: "credit.floor = 0.2, 0.4" });
  assert.deepEqual(
    leagues.map(({ setting }) => setting),
    ["credit.floor=0.2", "credit.floor=0.4"],
  );
  assert.ok(leagues[1]?.args.includes("--set=credit.floor=0.4"));
});

test("what cannot be is refused by name", () => {
  assert.match(
    refusal(() => asked({ miners: 3, cheats: 3 })),
    /--cheats 3/,
  );
  assert.match(
    refusal(() => asked({ uids: 12, validators: 11 })),
    /--uids 12 with --validators 11/,
  );
  assert.match(
    refusal(() => asked({ uids: 5, cheats: 3 })),
    /--cheats 3 leaves no honest one of 3/,
  );
  assert.match(
    refusal(() => asked({ model: true, regime: "plateau" })),
    /--regime plateau/,
  );
  assert.match(
    refusal(() => asked({ all: true, cast: ["copy"] })),
    /--all/,
  );
  assert.match(
    refusal(() => asked({ file: join(folder, "none.toml") })),
    /there is no file/,
  );
  assert.match(
    refusal(() => asked({ set: ["credit.flor=1"] })),
    /credit\.flor/,
  );
  assert.match(
    refusal(() => asked({ sweep: "credit.floor=0.2,99" })),
    /credit\.floor = 99/,
  );
  for (const sweep of ["credit.floor", "=1", "credit.floor=", "credit.floor=1,,2"])
    assert.match(
      refusal(() => asked({ sweep })),
      /--sweep/,
    );
  writeFileSync(join(folder, "broken.toml"), "name = [");
  assert.match(
    refusal(() => asked({ file: join(folder, "broken.toml") })),
    /broken\.toml/,
  );
});
