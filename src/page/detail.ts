/** @file Details of one uid, from what the observer knows. */
import type { EpochView, MinerView, OpinionView, ValidatorView, WhyView } from "../api/page.ts";
import type { Hex } from "../protocol/digest.ts";
import type { WindowRecord } from "../protocol/record.ts";
import { whyOf } from "../view/why.ts";
import type { Observer } from "./observer.ts";

const U16_MAX = 65_535;
/** Windows and epochs of one answer, the newest. */
const MOST_WINDOWS = 256;
const MOST_EPOCHS = 512;

/** Where details come from. */
export type DetailSource = Pick<
  Observer,
  "history" | "links" | "earnings" | "hotkeyOf" | "scoringBy" | "now"
>;

/** What the last epochs gave a hotkey. */
function epochsOf({ earnings }: DetailSource, uid: number, hotkey: Hex): readonly EpochView[] {
  return (earnings?.epochs ?? []).slice(-MOST_EPOCHS).flatMap(({ block, neurons }) => {
    const there = neurons[uid];
    // A hotkey keeps its uid for as long as it has one.
    const neuron = there?.hotkey === hotkey ? there : undefined;
    if (neuron === undefined) return [];
    const { emissionRao, incentive, dividends } = neuron;
    return [
      {
        block,
        paidRao: String(emissionRao),
        incentive: incentive / U16_MAX,
        dividends: dividends / U16_MAX,
      },
    ];
  });
}

/** What every judge that was heard said last of a hotkey. */
function opinionsOf(source: DetailSource, hotkey: Hex): readonly OpinionView[] {
  const { history, links, now } = source;
  return (history?.opinions ?? []).flatMap(({ record, rows }) => {
    const { window, validator } = record;
    const judge = now?.participants.find((one) => one.hotkey === validator);
    const row = rows.find((one) => one.hotkey === hotkey);
    if (judge === undefined || row === undefined) return [];
    const { verdict, score, weight } = row;
    return [
      { uid: judge.uid, window, verdict, score, weight, record: links.record(validator, window) },
    ];
  });
}

function whyIn(
  source: DetailSource,
  record: WindowRecord | undefined,
  hotkey: Hex,
): WhyView | null {
  const row = record?.miners.find((one) => one.hotkey === hotkey);
  const scoring = record && source.scoringBy(record.configDigest);
  if (record === undefined || row === undefined || !scoring) return null;
  const why = whyOf(record, row.uid, scoring);
  return why && { ...why, record: source.links.record(record.validator, record.window) };
}

/** Why a miner scores what it scores, and what its updates did; null for a uid that nobody holds. */
export function minerView(source: DetailSource, uid: number): MinerView | null {
  const hotkey = source.hotkeyOf(uid);
  if (hotkey === undefined) return null;
  const { history, links } = source;
  const windows = (history?.windows ?? []).slice(-MOST_WINDOWS).flatMap(({ judge, byHotkey }) => {
    const row = byHotkey.get(hotkey);
    if (row === undefined) return [];
    const { uid: _uid, hotkey: _hotkey, payloadDigest, ...shown } = row;
    const payload = links.payload(hotkey, payloadDigest);
    return [{ ...shown, payload, record: links.record(judge, row.window) }];
  });
  const newest = history?.newest;
  const record = newest && history?.recordOf(newest.judge);
  return {
    uid,
    windows,
    why: whyIn(source, record, hotkey),
    opinions: opinionsOf(source, hotkey),
    epochs: epochsOf(source, uid, hotkey),
  };
}

/** How a validator voted, and what it got for its weights; null for a uid that nobody holds. */
export function validatorView(source: DetailSource, uid: number): ValidatorView | null {
  const hotkey = source.hotkeyOf(uid);
  if (hotkey === undefined) return null;
  const { history, links } = source;
  const votes = (history?.windows ?? []).slice(-MOST_WINDOWS).flatMap(({ judge, votes: all }) => {
    const vote = all.find((one) => one.uid === uid);
    if (vote === undefined) return [];
    const { uid: _uid, ...shown } = vote;
    return [{ ...shown, record: links.record(judge, vote.window) }];
  });
  return { uid, votes, epochs: epochsOf(source, uid, hotkey) };
}
