/** @file What others build subnets of their own with: `import { runNeuron } from "assay/framework"`. */
export { runNeuron, type NeuronProgram } from "./program.ts";
export { type Peer, type Reply, type SubnetNeuron } from "./neuron.ts";
export { type SubnetWindow } from "./windows.ts";
export { weighed, type WeightsFate } from "./weights.ts";
export { type Caller, Denied, question, type Question } from "../src/network/answers.ts";
export { type Asked, type AskLimits } from "../src/network/ask.ts";
export { signRequest, type RequestSigner } from "../src/auth/signed-request.ts";
export { Verifier, type Refusal, type Verified } from "../src/auth/verifier.ts";
export { type ChainClient, connectChain, type ConnectOptions } from "../chain/client/client.ts";
export { isRateLimited, refusalNames } from "../chain/client/refusal.ts";
export { ChainError } from "../chain/errors.ts";
export { publicKeyOf, ss58Of, verifySignature } from "../chain/wallet/account.ts";
export { type Signer, signerFromUri } from "../chain/wallet/signer.ts";
export { openHotkey } from "../chain/wallet/wallet.ts";
export { AssayError } from "../src/errors.ts";
export { type Hex } from "../src/protocol/digest.ts";
export { type WindowClock, windowClock } from "../src/protocol/window.ts";
