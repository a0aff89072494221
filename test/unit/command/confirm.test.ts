/** @file Nothing is spent without a yes where a person can be asked; scripts are not asked. */
import { strict as assert } from "node:assert";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import * as fc from "fast-check";
import { confirm, type Terminal } from "../../../src/command/confirm.ts";
import { isAssayError } from "../../../src/errors.ts";

function terminal(
  typed: string | null,
  interactive = true,
): { terminal: Terminal; shown(): string } {
  const [input, output] = [new PassThrough(), new PassThrough()];
  if (typed === null) input.end();
  else input.write(`${typed}\n`);
  return { terminal: { input, output, interactive }, shown: () => String(output.read() ?? "") };
}
const declined = (error: unknown): boolean => isAssayError(error, "declined");

test("only a yes is a yes", async () => {
  for (const yes of ["y", "Y", "yes", " YES "]) {
    const asked = terminal(yes);
    await confirm("Send it?", { yes: false, terminal: asked.terminal });
    assert.equal(asked.shown(), "Send it? [y/N] ");
  }
  const other = fc
    .string()
    .filter((text) => !/^\s*y(es)?\s*$/i.test(text.split(/[\r\n]/)[0] ?? ""));
  await fc.assert(
    fc.asyncProperty(other, async (text) => {
      await assert.rejects(
        confirm("Send it?", { yes: false, terminal: terminal(text).terminal }),
        declined,
      );
    }),
    { numRuns: 40 },
  );
});

test("an input that ends is a no", async () => {
  const { terminal: gone } = terminal(null);
  await assert.rejects(confirm("Send it?", { yes: false, terminal: gone }), declined);
});

test("--yes and scripts are not asked", async () => {
  const person = terminal("n");
  await confirm("Send it?", { yes: true, terminal: person.terminal });
  const script = terminal("n", false);
  await confirm("Send it?", { yes: false, terminal: script.terminal });
  assert.equal(person.shown() + script.shown(), "");
});
