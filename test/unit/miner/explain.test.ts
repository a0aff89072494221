/** @file `miner why`: every validator's measurement of a recorded run, in words and for programs, and what to do. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";
import { ss58Of } from "../../../chain/wallet/account.ts";
import { explain } from "../../../miner/account/explain.ts";
import type { View, ValidatorView } from "../../../miner/account/view.ts";
import { isAssayError } from "../../../src/errors.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { parseManifest } from "../../../src/protocol/manifest-file.ts";
import { encodeRecord, verifyRecords, type WindowRecord } from "../../../src/protocol/record.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { stub } from "../stub.ts";

const FOLDER = new URL("../../fixtures/recorded-run/", import.meta.url);
const { manifest, runId } = parseManifest(readFileSync(new URL("manifest.json", FOLDER)));
const lines = readFileSync(new URL("records.jsonl", FOLDER), "utf8").trimEnd().split("\n");
const { records } = verifyRecords(lines, "records.jsonl");
const clock = windowClock(manifest);
const VALIDATOR: Hex = records[0]?.validator ?? "0x";

/** What the validator serves: the recorded lines, unless a test puts another record in their place. */
const served = new Map<number, WindowRecord>(records.map((one) => [one.window, one]));
let server: Server;
let port = 0;
before(async () => {
  server = createServer((request, response) => {
    const window = Number(request.url?.split("/").at(-1));
    const record = served.get(window);
    if (record === undefined) response.writeHead(404).end();
    else response.end(encodeRecord(record));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = address !== null && typeof address === "object" ? address.port : 0;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** The row of the first miner with such a verdict, and its window. */
function rowWith(
  wanted: (row: WindowRecord["miners"][number], window: number) => boolean,
): WindowRecord["miners"][number] & { readonly window: number } {
  for (const { window, miners } of records) {
    const row = miners.find((one) => wanted(one, window));
    if (row !== undefined) return { ...row, window };
  }
  return assert.fail("no such row was recorded");
}

const best = rowWith((row, window) => window === 5 && row.weight === 65_535);
const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&");

const hotkeyOf = (uid: number): Hex =>
  records.flatMap(({ miners }) => miners).find((one) => one.uid === uid)?.hotkey ?? "0x";

const validator = (at: number, where: number): ValidatorView => ({
  neuron: stub<ValidatorView["neuron"]>({ uid: at, hotkey: VALIDATOR }),
  axon: { ip: "127.0.0.1", port: where },
});

/** The recorded subnet as hotkey `uid` sees it in the block after window `last`. */
function viewOf(uid: number, last = 5): View {
  const publicKey = hotkeyOf(uid);
  return stub<View>({
    subnet: stub<Subnet>({
      blocks: stub<BlockClock>({
        current: { number: clock.lastJudgeBlock(last) + 1, hash: "0x00" },
      }),
    }),
    hotkey: { publicKey, ss58: ss58Of(publicKey) },
    own: stub<NonNullable<View["own"]>>({ axon: { ip: "9.9.9.9", port: 8091 } }),
    run: { runId, manifest, clock },
    // The last one has a permit and never votes.
    validators: [validator(1, port), validator(2, 1), validator(5, 1)],
    signal: new AbortController().signal,
  });
}

async function told(view: View, window?: number, json = false): Promise<string> {
  const printed: string[] = [];
  const parts = {
    print: (line: string) => void printed.push(line),
    line: (command: object) => JSON.stringify(command),
  };
  await explain(view, { window, json, netuid: 1 }, parts);
  return printed.join("\n");
}

test("the newest judged window is explained with everything that was measured", async () => {
  const text = await told(viewOf(best.uid));
  const applied = records[5]?.accepted.length;
  assert.match(text, /^window 5 of run 0x/);
  assert.match(text, /update {3}0x[0-9a-f]{64} committed in block \d+, \d+ bytes/);
  assert.ok(text.includes(`applied it to the parameters; ${applied} updates were applied`), text);
  assert.match(text, /validator uid 1 5\w+ at http:\S+ \(voted for it with 60\.0 % of the voting/);
  assert.match(text, /verdict {2}accepted: Your update lowered the loss/);
  assert.match(text, /weight 65535 of 65535, trust \d\.\d{3}/);
  assert.match(text, /own pages \d\.\d{4} -> \d\.\d{4} nats \(-\d\.\d{3} %, 32 sequences\)/);
  assert.match(text, /noise pages \d\.\d{4} -> \d\.\d{4} nats/);
  assert.match(text, /validator uid 2 .*: .*cannot be reached/);
  assert.doesNotMatch(text, /validator uid 5/);
  assert.match(text, /what to do:\n {2}nothing$/);
});

test("another window shows the refusal and its detail; nothing is made up for what was not measured", async () => {
  const refused = rowWith(({ losses, verdict }) => losses === null && verdict === "replayed");
  const text = await told(viewOf(refused.uid), refused.window);
  assert.match(text, /voted against it/);
  assert.match(
    text,
    new RegExp(`verdict {2}replayed: .*\\n {2}detail {3}${escaped(refused.detail)}`),
  );
  assert.match(text, /losses {3}none: the update was not evaluated/);
  assert.match(text, /"miner status"/);
});

test("a payload that never came names the address that was tried, and how to try it oneself", async () => {
  const [first] = records;
  assert.ok(first !== undefined);
  const detail =
    "nobody served it before the judge phase: neither its miner at http://9.9.9.9:8091";
  const miners = first.miners.map((one) =>
    one.uid === best.uid
      ? { ...one, verdict: "payload-missing", detail, payloadBytes: null, losses: null }
      : one,
  );
  served.set(0, { ...first, miners });
  const text = await told(viewOf(best.uid), 0);
  served.set(0, first);
  assert.match(text, /its payload was never seen/);
  assert.match(text, /detail {3}nobody served it .*http:\/\/9\.9\.9\.9:8091/);
  assert.match(text, /"curl","-sm","5","http:\/\/9\.9\.9\.9:8091\/healthz"/);
});

test("programs get the record's row and the sentence", async () => {
  const row = rowWith(({ verdict }) => verdict !== "accepted");
  const value: unknown = JSON.parse(await told(viewOf(row.uid), row.window, true));
  assert.ok(typeof value === "object" && value !== null && "validators" in value);
  const text = JSON.stringify(value.validators);
  assert.ok(text.includes(`"verdict":"${row.verdict}"`), text);
  assert.match(text, /"explanation":"Your /);
  assert.match(text, /"uid":2,.*"trouble":"[^"]/);
});

const missing = (reason: RegExp) => (error: unknown) =>
  isAssayError(error, "verdict-missing") && reason.test(error.explanation.cause);

test("where there is no verdict, that and the reasons are said", async () => {
  await assert.rejects(told(viewOf(best.uid), 9), missing(/newest window that is over is 5/));
  await assert.rejects(told(viewOf(best.uid, -1)), missing(/first window is not over/));
  await assert.rejects(
    told({ ...viewOf(best.uid), validators: [] }),
    missing(/no validator publishes an address/),
  );
  await assert.rejects(told(viewOf(7), 0), missing(/validator 1: it has not seen this hotkey/));
  await assert.rejects(
    told({ ...viewOf(best.uid), run: { runId: "0x00", manifest, clock } }, 0),
    missing(/another run/),
  );
  await assert.rejects(told({ ...viewOf(best.uid), run: null }), (error) =>
    isAssayError(error, "run-not-published"),
  );
});
