/** @file What a miner tells people about its score: from the first voter that answers, in words that are safe to print. */
import { strict as assert } from "node:assert";
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, test } from "node:test";
import { tellVerdict } from "../../../miner/verdict.ts";
import type { Verdict } from "../../../src/api/types.ts";
import { explainReason } from "../../../src/gauntlet/verdict.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { hexFloat } from "../../../src/protocol/hex-float.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { WindowOutcome } from "../../../src/run/chain-record.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";
import { portOf } from "../../support/ports.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const HOTKEYS = [0, 1, 2].map((uid): Hex => `0x${`a${uid}`.repeat(32)}`);
const ESCAPE = "\u001B";
const VERDICT: Verdict = {
  window: 4,
  uid: 2,
  verdict: "accepted",
  explanation: `${ESCAPE}[2Jowned`,
  detail: "",
  final: hexFloat(1.5),
  weight: 700,
};

async function serving(listener: RequestListener): Promise<AxonAddress> {
  const server = createServer(listener);
  servers.push(server);
  return { ip: "127.0.0.1", port: await portOf(server) };
}

const answering = (verdict: unknown): Promise<AxonAddress> =>
  serving((_request, response) => response.end(JSON.stringify(verdict)));

/** What the miner with uid 2 says after window 5, when the validators 0 and 1 serve at `axons`. */
async function told(...axons: readonly AxonAddress[]): Promise<string[]> {
  return toldOf(99, axons);
}

/** The same in a run of so many windows. */
async function toldOf(windows: number, axons: readonly AxonAddress[]): Promise<string[]> {
  const said: string[] = [];
  const clock = windowClock({ ...EXAMPLE_MANIFEST, windows });
  const node = participantOf({
    run: stub<Run>({ clock }),
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: HOTKEYS[2] ?? "0x" }),
    finder: stub<BlobFinder>({
      axons: async () => new Map(axons.map((axon, uid) => [HOTKEYS[uid] ?? "0x", axon])),
    }),
    signal: new AbortController().signal,
    say: (text) => void said.push(text),
  });
  const voters = [0, 1].map((uid) => ({ uid, stake: 1n, permit: true, silence: 0, votes: [] }));
  await tellVerdict(node, stub<WindowOutcome>({ window: 5, hotkeys: HOTKEYS, voters }));
  return said;
}

test("a known reason is told in our own words, whatever the validator wrote", async () => {
  const [text] = await told(await answering(VERDICT));
  assert.equal(text, `window 4: score 1.500, weight 700; ${explainReason("accepted")}`);
});

test("a stranger's text cannot steer the terminal", async () => {
  const odd = {
    ...VERDICT,
    verdict: "new-reason",
    detail: `a\r\nb${ESCAPE}]0;x\u0007\u202Ec\u2028d`,
  };
  const [text = ""] = await told(await answering(odd));
  assert.match(text, /new-reason/);
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

test("silent and wrong validators are passed over", async () => {
  const broken = await answering({ verdict: 1 });
  const honest = await answering(VERDICT);
  assert.equal((await told(broken, honest)).length, 1);
  assert.deepEqual(await told(broken), []);
  assert.deepEqual(await told(), []);
});

test("it asks for its own uid in the window before", async () => {
  const asked: (string | undefined)[] = [];
  await told(
    await serving((request, response) => {
      asked.push(request.url);
      response.writeHead(404).end();
    }),
  );
  assert.deepEqual(asked, ["/verdicts/4/2"]);
});

test("after a run's last window its own verdict is told, as soon as it is recorded", async () => {
  let asked = 0;
  const axon = await serving((request, response) => {
    if (request.url === "/verdicts/4/2") response.end(JSON.stringify(VERDICT));
    else if (asked++ === 0) response.writeHead(404).end();
    else response.end(JSON.stringify({ ...VERDICT, window: 5, weight: 9 }));
  });
  const said = await toldOf(6, [axon]);
  assert.match(said[0] ?? "", /^window 4: .*weight 700/);
  assert.match(said[1] ?? "", /^window 5: .*weight 9/);
});
