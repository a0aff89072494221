/** @file What a node says when its pool refuses an extrinsic, in words. */
import { ChainError } from "../errors.ts";
import { type RpcRefusal } from "./rpc.ts";

/** Subtensor's custom codes: pallet errors that are already known before a block is made. */
const CUSTOM: ReadonlyMap<number, string> = new Map([
  [1, "AmountTooLow or NotEnoughStakeToSetWeights"],
  [2, "NotEnoughBalanceToStake"],
  [3, "SubnetNotExists"],
  [4, "HotKeyAccountNotExists"],
  [5, "NotEnoughStakeToWithdraw"],
  [6, "SettingWeightsTooFast, CommittingWeightsTooFast or NetworkTxRateLimitExceeded"],
  [7, "InsufficientLiquidity"],
  [8, "SlippageTooHigh"],
  [9, "TransferDisallowed"],
  [10, "HotKeyNotRegisteredInNetwork"],
  [11, "InvalidIpAddress"],
  [12, "ServingRateLimitExceeded"],
  [13, "InvalidPort"],
  [15, "InvalidRevealRound"],
  [16, "NoWeightsCommitFound"],
  [17, "RevealTooEarly"],
  [18, "InputLengthsUnequal"],
  [19, "HotKeyNotRegisteredInSubNet"],
  [25, "NonAssociatedColdKey"],
  [26, "DelegateTakeTooLow"],
  [27, "DelegateTakeTooHigh"],
]);

/** Whether the refusal is about the nonce: somebody else used the account since it was read. */
export function isNonceRefusal(refusal: RpcRefusal): boolean {
  const text = `${refusal.message} ${refusal.detail}`;
  return refusal.code === 1014 || /stale|outdated|priority is too low/i.test(text);
}

/** A refusal as ChainError extrinsic-invalid, with the pallet's error name where the code has one. */
export function poolError(refusal: RpcRefusal): ChainError {
  const custom = /custom(?: error)?"?\s*:\s*(\d+)/i.exec(`${refusal.detail} ${refusal.message}`);
  const name = custom === null ? undefined : CUSTOM.get(Number(custom[1]));
  return new ChainError(
    {
      code: "extrinsic-invalid",
      reason: name ?? refusal.message,
      detail: refusal.detail,
    },
    { cause: refusal },
  );
}
