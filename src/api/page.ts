/**
 * @file What the page is sent (docs/page.md). Plain JSON: amounts are decimal texts of rao, shares lie in 0 to 1, losses are nats per
 * token, and every text that comes from a stranger is shown as text.
 */

/** Where a figure was read: a record that anybody can fetch, or null where its validator cannot be reached. */
export type PageLink = string | null;

/** A phase of the window that runs: how many of its blocks are made. */
export type PhaseView = { readonly name: string; readonly done: number; readonly blocks: number };

/** The run as its manifest and the chain's height give it. */
export type RunView = {
  readonly runId: string;
  readonly name: string;
  /** The window that runs; negative before the first, the number of windows once the run is over. */
  readonly window: number;
  /** 0: endless. */
  readonly windows: number;
  readonly phases: readonly PhaseView[];
  readonly blocksPerWindow: number;
  readonly startBlock: number;
  readonly mode: "credit" | "published";
  /** Parameters of the model, and bytes of a dense float32 update of it. */
  readonly parameters: number;
  readonly denseBytes: number;
};

/** A reason code and its sentence. */
export type VerdictView = { readonly code: string; readonly text: string };

/** What a uid does, as far as chain and records tell. */
export type RoleView = "owner" | "validator" | "miner" | "idle";

/** One uid in the newest block. */
export type ParticipantView = {
  readonly uid: number;
  readonly hotkey: string;
  readonly ss58: string;
  /** Name on this machine; null for a stranger. */
  readonly name: string | null;
  /** What the localnet started it as; null elsewhere. */
  readonly kind: string | null;
  readonly role: RoleView;
  /** Its axon. */
  readonly url: string | null;
  readonly stakeRao: string;
  readonly permit: boolean;
  /** Share of what miners, or validators, were paid by the last epoch. */
  readonly incentive: number;
  readonly dividends: number;
  /** How much of its weights the stake majority agreed with; null on chains that do not say. */
  readonly agreement: number | null;
  /** What the last epoch paid it, and all epochs since `NowView.paidSince`. */
  readonly emissionRao: string;
  readonly paidRao: string;
  readonly registeredAt: number;
  /** Block of its last weights. */
  readonly lastUpdate: number;
  /** Of the newest record that judged it. */
  readonly judged: {
    readonly window: number;
    readonly verdict: VerdictView;
    readonly score: number;
    /** Its part of what that validator's weights give to all. */
    readonly share: number;
    readonly record: PageLink;
  } | null;
};

/** What only a local network knows: it started everybody. */
export type LocalView = {
  /** Whom the chain waits for, and for how long it has. */
  readonly waiting: { readonly names: readonly string[]; readonly seconds: number } | null;
  /** How long it has taken; null while it is not watched. */
  readonly seconds: number | null;
  readonly secondsLeft: number | null;
  readonly alerts: readonly string[];
  readonly digestsEqual: boolean;
  /** Where it stands, in words. */
  readonly stage: string;
  /** Losses of the same tokens on one node, and of one miner's share alone; null until compared. */
  readonly baseline: { readonly together: number; readonly alone: number } | null;
};

/** Everything of the newest block. */
export type NowView = {
  readonly node: {
    readonly role: "miner" | "validator" | "owner";
    readonly hotkey: string;
    readonly device: string;
    readonly activity: string;
  };
  readonly block: number;
  readonly blockHash: string;
  readonly genesis: string;
  readonly netuid: number;
  readonly tempo: number;
  readonly run: RunView | null;
  readonly participants: readonly ParticipantView[];
  /** Pay is counted from this block on. */
  readonly paidSince: number;
  readonly ledger: LedgerView | null;
  readonly burnRao: string | null;
  /** Where held-out losses were read. */
  readonly losses: PageLink;
  /** What keeps this page from being of now; null: nothing. */
  readonly trouble: string | null;
  readonly local: LocalView | null;
};

/** Where the subnet's emission went since its first block. */
export type LedgerView = {
  readonly issuedRao: string;
  readonly paidNeuronsRao: string;
  readonly paidOwnerRao: string;
  readonly carriedRao: string;
  readonly pendingRao: string;
  readonly burnedRao: string;
};

/** One window that is over, as the validator with the most stake recorded it. */
export type WindowView = {
  readonly window: number;
  readonly record: PageLink;
  /** uid of that validator. */
  readonly recordedBy: number | null;
  /** Updates that were seen, and those that the majority applied. */
  readonly seen: number;
  readonly accepted: readonly number[];
  /** Bytes of all updates that were seen, headers included. */
  readonly bytes: number;
  /** Mean relative fall of the loss by the applied updates, each alone: on their own pages and on pages that nobody was assigned. */
  readonly own: number | null;
  readonly noise: number | null;
  readonly flags: readonly string[];
  /** Reason code -> how many. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** How long it took, as the process that serves the page saw its blocks come; null where it was not watching. */
  readonly seconds: number | null;
};

/** Held-out loss of the parameters of a window, as a validator measured it. */
export type LossView = { readonly window: number; readonly loss: number };

/** An update, and what became of it. */
export type MinerWindowView = {
  readonly window: number;
  readonly record: PageLink;
  readonly payload: PageLink;
  readonly verdict: VerdictView;
  readonly detail: string;
  readonly accepted: boolean;
  readonly bytes: number | null;
  readonly own: number | null;
  readonly noise: number | null;
  /** Standard errors by which it helped its own pages more than others. */
  readonly margin: number | null;
  /** Mode credit: what is remembered after the window. */
  readonly credit: number | null;
  readonly attendance: number | null;
  readonly trust: number;
  readonly score: number;
  readonly weight: number;
  readonly share: number;
};

/** What a score is made of, and what it would be otherwise. Made by the functions that validators score with. */
export type WhyView = {
  readonly window: number;
  readonly record: PageLink;
  readonly score: number;
  readonly share: number;
  /** What each would get if miners whose updates were applied got the same. */
  readonly fairShare: number;
  /** score = max(0, credit - floor) x attendance x confidence; floor: what is taken from this credit */
  readonly terms: {
    readonly credit: number;
    readonly floor: number;
    readonly attendance: number;
    readonly trust: number;
    readonly usualTrust: number;
    readonly confidence: number;
  } | null;
  readonly changes: readonly {
    readonly what: string;
    readonly score: number;
    readonly share: number;
  }[];
};

/** What each validator says of a miner's newest judged window. */
export type OpinionView = {
  readonly uid: number;
  readonly window: number;
  readonly verdict: VerdictView;
  readonly score: number;
  readonly weight: number;
  readonly record: PageLink;
};

/** What an epoch gave to one uid. */
export type EpochView = {
  readonly block: number;
  readonly paidRao: string;
  readonly incentive: number;
  readonly dividends: number;
};

/** `GET /page/miners/:uid`. */
export type MinerView = {
  readonly uid: number;
  readonly windows: readonly MinerWindowView[];
  readonly why: WhyView | null;
  readonly opinions: readonly OpinionView[];
  readonly epochs: readonly EpochView[];
};

/** A vote as the record of its window holds it. */
export type VoteView = {
  readonly window: number;
  readonly record: PageLink;
  readonly stakeRao: string;
  /** Windows of silence before it. */
  readonly silence: number;
  readonly voted: boolean;
  /** Whether it named the parameters that the writer of the record derived. */
  readonly sameParameters: boolean;
  readonly votedFor: readonly number[];
  /** Whether its votes and the outcome are one. */
  readonly asMajority: boolean;
};

/** `GET /page/validators/:uid`. */
export type ValidatorView = {
  readonly uid: number;
  readonly votes: readonly VoteView[];
  readonly epochs: readonly EpochView[];
};

/** `GET /page/text?prompt=...`: what the model writes after a prompt, with the parameters of a window. */
export type TextView = { readonly window: number; readonly prompt: string; readonly text: string };

/** `GET /page/samples`: texts after one prompt, of the windows at which somebody looked. */
export type SampleView = TextView;

/** `GET /page/blocks`: one of the newest final blocks. */
export type BlockView = {
  readonly number: number;
  readonly hash: string;
  /** How many extrinsics it has; the first of them follow. */
  readonly all: number;
  readonly extrinsics: readonly {
    /** Address of the account that signed it; null: the author put it there. */
    readonly signer: string | null;
    readonly pallet: string;
    readonly call: string;
    readonly bytes: number;
    /** `Pallet.Error`, where the chain refused it in the block; "?" where nobody can read whether it did. */
    readonly error: string | null;
  }[];
};
