/**
 * @file Where this runtime is not Bittensor's at spec 424, and why: at most 30 lines. A name with a star at its
 * end stands for all that begin with it.
 */

/** By name: why it is not upstream's. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  // The newer SDK's Balances tell of more and number what follows anew: one rule for them all.
  "Balances.event.*": "events of the newer SDK; clients read them by the metadata",
  "System.event.CodeUpdated": "the newer SDK's names the hash",
  "System.constant.BlockWeights": "blocks of its own",
  "System.constant.BlockLength": "blocks of its own",
  "System.constant.DbWeight": "storage of its own",
  "System.constant.Version": "a version of its own",
  "System.storage.BlockSize": "the newer SDK's",
  "System.storage.BlocksTillUpgrade": "the newer SDK's",
  "SessionKeys.generate_session_keys": "the newer SDK's proves possession",
  "TransactionPayment.storage.TxPaymentCredit": "the newer SDK's",
  "Proxy.event.PureCreated": "the newer SDK's names block and extrinsic",
  "Timestamp.constant.MinimumPeriod": "slots of any length",
  // Above spec 424: clients of the newer runtime cannot do without. Their shapes are in clients.json.
  "BetaBasketRuntimeApi.*": "above spec 424",
  "SubtensorModule.storage.SubnetEpochConsensus": "above spec 424",
  "SubtensorModule.storage.Collateral*": "above spec 424",
  // Ours: docs/chain.md#16-differences-from-bittensor.
  "SubtensorModule.storage.Principal": "TAO of a position that was staked",
  "SubtensorModule.storage.Paid*": "the ledger of emission",
  "SubtensorModule.storage.BurnedEmission": "the ledger of emission",
  "SubtensorModule.storage.DestroyedAlpha": "the ledger of stake",
  "SubtensorModule.storage.FreshStake": "stake that is too new to count",
  "SubtensorModule.storage.CarriedEmission": "the ledger of emission",
  "SubtensorModule.storage.AllowLoopbackAxon": "set by the genesis of a localnet",
  "SubtensorModule.storage.SubnetDefaults": "set by a genesis",
  "Drand.call.*": "the newer SDK's keys have one kind more",
  "Drand.storage.FollowsBeacon": "a chain may follow none",
  "Drand.storage.Kept*": "pulses may come late",
  "Drand.storage.PulsesInBlock": "pulses of a block are bounded",
  "Scheduler.constant.MaximumWeight": "blocks of its own",
  "Governance.*": "the only way to Root",
};
