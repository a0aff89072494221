/** @file Public exports: the only barrel. What a third party needs to read a run's record and recompute it. */
export { AssayError } from "./errors.ts";
export { type Fault, type FaultCode } from "./faults.ts";
export { blake2b256, type Hex, thetaDigest, updateDigest } from "./protocol/digest.ts";
export { type RunManifest } from "./protocol/manifest.ts";
export { parseManifest } from "./protocol/manifest-file.ts";
export { type Phase, type WindowClock, windowClock } from "./protocol/window.ts";
export { assignKey, drawsOf, evalKey, noiseKey } from "./protocol/draws.ts";
export { assignedPages, noisePages } from "./protocol/assignment.ts";
export { chooseSequences } from "./protocol/batches.ts";
export { type SparseTensor, type SparseUpdate } from "./protocol/codec.ts";
export { readUpdate, type UpdateReading } from "./protocol/update.ts";
export { decodeVote, encodeVote, type Vote } from "./protocol/vote.ts";
export { type Acceptance, countVotes } from "./protocol/acceptance.ts";
export { emissionAt, splitEmission } from "./protocol/economy.ts";
export { verifyRecords, type WindowRecord } from "./protocol/record.ts";
export { recordedEvidence } from "./gauntlet/recorded-evidence.ts";
export { emptyScorebook, scoreWindow, type Scorebook } from "./gauntlet/scorebook.ts";
export { explainReason, type Reason } from "./gauntlet/verdict.ts";
