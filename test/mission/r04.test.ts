/** @file R4: Bittensor's consensus and emission, on a chain whose largest validator works for itself alone; its own clients act on it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { z } from "zod";
import { type ChainClient } from "../../chain/client/client.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { isExact, readTokenLedger } from "../../subnet/audit/emission.ts";
import { checkPayouts } from "../../subnet/audit/payouts.ts";
import { SplitMix } from "../support/split-mix.ts";
import { openOwnChain } from "./own-chain.ts";
import { above, atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";

const NETUID = 1;
const TEMPO = 20;
const EPOCHS = 6;
/** Seven judge, with 51 % of the stake; the eighth has the rest and works for itself. */
const JUDGES = 7;
const JUDGE_RAO = [12, 10, 9, 7, 6, 4, 3].map((part) => part * 1_000_000_000_000);
const CABAL_RAO = 49_000_000_000_000;
const HONEST_PART = 0.51;
const MINERS = 5;
const CABAL = JUDGES;
/** The cabal's miner comes after the honest ones. */
const OWN = JUDGES + 1 + MINERS;
/** What the judges say of it, by epoch, in parts of what they say of all honest miners. */
const GIFTS = [0, 0.05, 0.1, 0, 0.2, 0.02];
const U16 = 65_535;
const SEED = 4n;
/** A share of u16 is cut off. */
const ROUNDING = 1e-4;

const name = (uid: number): string => `//mission//${uid}`;
const hotkeys = Array.from({ length: OWN + 1 }, (_, uid) => signerFromUri(name(uid)));

const cold = (uid: number): Signer => signerFromUri(`${name(uid)}//cold`);
const stakeOf = (uid: number): number => (uid === CABAL ? CABAL_RAO : (JUDGE_RAO[uid] ?? 0));

function genesis(): unknown {
  return {
    balances: { balances: hotkeys.map((_, uid) => [cold(uid).ss58, stakeOf(uid) + 10 ** 9]) },
    subtensorModule: {
      networks: [
        {
          netuid: NETUID,
          ownerColdkey: signerFromUri("//mission//owner").ss58,
          ownerHotkey: signerFromUri("//mission//owner//hot").ss58,
          tempo: TEMPO,
          weightsSetRateLimit: 0,
          servingRateLimit: 0,
          additional: "",
          neurons: hotkeys.map(({ ss58 }, uid) => ({
            hotkey: ss58,
            coldkey: cold(uid).ss58,
            stake: stakeOf(uid),
            validatorPermit: uid <= CABAL,
          })),
        },
      ],
    },
  };
}

/** Makes blocks up to the next epoch. */
async function toEpoch(client: ChainClient, endpoint: string): Promise<void> {
  const to = await client.nextEpoch(NETUID);
  const body = { jsonrpc: "2.0", id: 1, method: "dev_newBlock", params: [{ to }] };
  const url = endpoint.replace("ws://", "http://");
  await fetch(url, { method: "POST", body: JSON.stringify(body) });
  while ((await client.head()).number < (to ?? 0)) await new Promise((go) => setTimeout(go, 50));
}

/** What a judge says: each honest miner something of its own, the cabal's what the epoch's gift is. */
function judged(draws: SplitMix, gift: number): { uids: number[]; values: number[] } {
  const uids = Array.from({ length: MINERS + 1 }, (_, index) => CABAL + 1 + index);
  const worth = uids.slice(0, MINERS).map(() => 1 + draws.below(1000) / 2000);
  const all = [...worth, gift * worth.reduce((sum, one) => sum + one, 0)];
  const largest = Math.max(...all);
  return { uids, values: all.map((one) => Math.round((U16 * one) / largest)) };
}

/** All to its own miner, or the others' word of the last epoch with its own miner above it. */
function selfish(epoch: number, copied: readonly number[]): { uids: number[]; values: number[] } {
  const uids = Array.from({ length: MINERS + 1 }, (_, index) => CABAL + 1 + index);
  const values = uids.map((_, index) => {
    if (index === MINERS) return U16;
    return epoch % 2 === 0 ? 0 : Math.floor((copied[index] ?? 0) / 2);
  });
  return { uids, values };
}

/**
 * The most that the cabal's miner can have: what it says above the judges' word is cut off. What it does not say of others lowers
 * them to the judges' stake, and where judges disagree, to the least of their words, which is the majority's with the cabal's 0.
 */
function clippedShare(said: readonly (readonly number[])[]): {
  readonly word: number;
  readonly most: number;
} {
  const parts = said.map((row) => {
    const all = row.reduce((sum, one) => sum + one, 0);
    return row.map((one) => one / all);
  });
  const word = Math.max(...parts.map((row) => row[MINERS] ?? 0));
  const least = Array.from({ length: MINERS }, (_, miner) =>
    Math.min(...parts.map((row) => row[miner] ?? 0)),
  );
  const others = least.reduce((sum, one) => sum + one, 0);
  return { word, most: word / (word + HONEST_PART * others) };
}

/** One epoch: everybody says its word, and what the cabal's miner got beside the most that its clipped share allows. */
async function played(
  { client, endpoint }: { readonly client: ChainClient; readonly endpoint: string },
  draws: SplitMix,
  about: { readonly epoch: number; readonly copied: readonly number[] },
): Promise<{ excess: number; paid: number; word: number; copied: readonly number[] }> {
  const gift = GIFTS[about.epoch] ?? 0;
  const said: number[][] = [];
  for (const hotkey of hotkeys.slice(0, JUDGES)) {
    const { uids, values } = judged(draws, gift);
    await client.setWeights(hotkey, NETUID, { uids, values, versionKey: 0n });
    said.push(values);
  }
  const copied = said.at(-1) ?? [];
  const cabal = hotkeys[CABAL];
  if (cabal === undefined) throw new Error("there is no cabal");
  const own = selfish(about.epoch, about.copied);
  await client.setWeights(cabal, NETUID, { ...own, versionKey: 0n });
  await toEpoch(client, endpoint);
  const { neurons } = await client.metagraph(NETUID);
  const paid = (neurons[OWN]?.incentive ?? 0) / U16;
  const { word, most } = clippedShare(said);
  return { excess: paid - most, paid, word, copied };
}

/** A program of ours, run to its end; what it printed. */
async function ran(words: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code]: unknown[] = await once(child, "exit");
  return { code: typeof code === "number" ? code : null, text };
}

/** Acts of the unmodified SDK on a chain of their own: how many rows there are, and how many of them passed. */
async function byBittensors(): Promise<{ rows: number; passed: number }> {
  const acts = ["register", "weights set", "metagraph"].flatMap((act) => ["--act", act]);
  const main = new URL("../interop/clients/main.ts", import.meta.url).pathname;
  const { text } = await ran([main, "--only", "SDK 10.5.0", ...acts, "--json"]);
  const line = text.trim().split("\n").at(-1) ?? "{}";
  const schema = z.object({ rows: z.array(z.object({ passed: z.boolean() })) });
  const { rows } = schema.parse(JSON.parse(line));
  return { rows: rows.length, passed: rows.filter(({ passed }) => passed).length };
}

test(`R4: ${ROWS.R4.what}`, { timeout: 600_000 }, async (t) => {
  const began = performance.now();
  const clients = byBittensors();
  const chain = await openOwnChain(t, genesis());
  const { client } = chain;
  const draws = new SplitMix(SEED);
  const epochs: Awaited<ReturnType<typeof played>>[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const copied = epochs.at(-1)?.copied ?? [];
    epochs.push(await played(chain, draws, { epoch, copied }));
  }
  const current = await client.head();
  const ledger = await readTokenLedger(client, NETUID, current);
  const signal = AbortSignal.timeout(60_000);
  const blocks = { current, hashOf: async (block: number) => client.blockHash(block) };
  const parts = { netuid: NETUID, chain: client, blocks, signal, progress: () => {} };
  const audit = await checkPayouts(parts, 0);
  const { neurons } = await client.metagraph(NETUID);
  const dividends = (neurons[CABAL]?.dividends ?? 0) / U16;
  const twin = await ran(["--test", "test/unit/yuma/twin.test.ts", "test/unit/yuma/cabal.test.ts"]);
  const { rows, passed } = await clients;
  report(ROWS.R4, began, {
    goals: [
      atMost(
        "pay of the cabal's miner above its clipped share, in the worst epoch",
        Math.max(...epochs.map(({ excess }) => excess)),
        ROUNDING,
      ),
      exactly("epochs computed again in TypeScript, to the rao", audit.found === null, true),
      above("epochs that were compared", audit.epochs.length, EPOCHS - 1),
      exactly("1,000 random subnets and cabals equal the pallet's crate", twin.code, 0),
      exactly("issued equals the schedule and is accounted for", isExact(ledger), true),
      above("acts of Bittensor's SDK 10.5.0", rows, 2),
      exactly("of them passed", passed, rows),
    ],
    numbers: {
      seed: Number(SEED),
      gifts: epochs.map(({ word }) => word),
      paid: epochs.map(({ paid }) => paid),
      dividendsOverStake: dividends / (1 - HONEST_PART),
      issuedRao: String(ledger.issuedRao),
    },
  });
});
