//! Storage of subnets: parameters, schedule, prices and the ledger. Keys named netuid unless said otherwise.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage_subnets {
    /// Whether the subnet exists.
    #[pallet::storage]
    pub type NetworksAdded<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery>;
    /// Number of subnets.
    #[pallet::storage]
    pub type TotalNetworks<T: Config> = StorageValue<_, u16, ValueQuery>;
    /// Most subnets there may be.
    #[pallet::storage]
    pub type SubnetLimit<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<128>>;
    /// Number of neurons.
    #[pallet::storage]
    pub type SubnetworkN<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Blocks between two epochs; 0 means never.
    #[pallet::storage]
    pub type Tempo<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<360>>;
    /// Blocks since the last epoch.
    #[pallet::storage]
    pub type BlocksSinceLastStep<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Block of the last epoch whose outputs were stored (sic).
    #[pallet::storage]
    pub type LastMechansimStepBlock<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Block from which the epoch clock counts.
    #[pallet::storage]
    pub type LastEpochBlock<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Block at which a triggered epoch fires; 0 means none.
    #[pallet::storage]
    pub type PendingEpochAt<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Number of epochs so far.
    #[pallet::storage]
    pub type SubnetEpochIndex<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Most epochs in one block; the rest waits one block.
    #[pallet::storage]
    pub type MaxEpochsPerBlock<T: Config> = StorageValue<_, u8, ValueQuery, ConstU8<2>>;
    /// Block of registration.
    #[pallet::storage]
    pub type NetworkRegisteredAt<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// First block with emission; set by `start_call`.
    #[pallet::storage]
    pub type FirstEmissionBlockNumber<T: Config> = StorageMap<_, Identity, u16, u64, OptionQuery>;
    /// Whether stake of the subnet may move.
    #[pallet::storage]
    pub type SubtokenEnabled<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery>;
    /// Whether the subnet takes part in emission.
    #[pallet::storage]
    pub type SubnetEmissionEnabled<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Whether stake may be given to other coldkeys.
    #[pallet::storage]
    pub type TransferToggle<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Pricing: 0, one alpha is one TAO.
    #[pallet::storage]
    pub type SubnetMechanism<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Coldkey of the owner.
    #[pallet::storage]
    pub type SubnetOwner<T: Config> = StorageMap<_, Identity, u16, T::AccountId, ValueQuery, T::DefaultAccount>;
    /// Hotkey that receives the owner's cut.
    #[pallet::storage]
    pub type SubnetOwnerHotkey<T: Config> = StorageMap<_, Identity, u16, T::AccountId, ValueQuery, T::DefaultAccount>;
    /// What becomes of miner emission to the owner's own hotkeys.
    #[pallet::storage]
    pub type RecycleOrBurn<T: Config> = StorageMap<_, Identity, u16, RecycleOrBurnEnum, ValueQuery>;
    /// Identity; its `additional` is the run id.
    #[pallet::storage]
    pub type SubnetIdentitiesV3<T: Config> = StorageMap<_, Blake2_128Concat, u16, SubnetIdentityV3, OptionQuery>;
    /// Symbol of the subnet's alpha.
    #[pallet::storage]
    pub type TokenSymbol<T: Config> = StorageMap<_, Identity, u16, Vec<u8>, ValueQuery, DefaultTokenSymbol>;
    /// TAO burned to register the subnet.
    #[pallet::storage]
    pub type SubnetLocked<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Least TAO that registers a subnet.
    #[pallet::storage]
    pub type NetworkMinLockCost<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<1_000_000_000_000>>;
    /// Price of the last subnet.
    #[pallet::storage]
    pub type NetworkLastLockCost<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<1_000_000_000_000>>;
    /// Blocks in which the price of a subnet falls by its last price.
    #[pallet::storage]
    pub type NetworkLockReductionInterval<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<100_800>>;
    /// Blocks between two subnets, chain-wide.
    #[pallet::storage]
    pub type NetworkRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<7_200>>;
    /// Block from which subnets may be registered.
    #[pallet::storage]
    pub type NetworkRegistrationStartBlock<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Block of the last act under a rate limit.
    #[pallet::storage]
    pub type LastRateLimitedBlock<T: Config> = StorageMap<_, Identity, RateLimitKey<T::AccountId>, u64, ValueQuery>;
    /// Blocks between `register_network` and `start_call`.
    #[pallet::storage]
    pub type StartCallDelay<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Blocks before an epoch in which the owner may not change parameters.
    #[pallet::storage]
    pub type AdminFreezeWindow<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<10>>;
    /// Number of mechanisms.
    #[pallet::storage]
    pub type MechanismCountCurrent<T: Config> = StorageMap<_, Twox64Concat, u16, u8, ValueQuery, ConstU8<1>>;
    /// Most mechanisms of one subnet.
    #[pallet::storage]
    pub type MaxMechanismCount<T: Config> = StorageValue<_, u8, ValueQuery, ConstU8<2>>;
    /// Shares of the mechanisms; even if absent.
    #[pallet::storage]
    pub type MechanismEmissionSplit<T: Config> = StorageMap<_, Twox64Concat, u16, Vec<u16>, OptionQuery>;
    /// Price of a registration.
    #[pallet::storage]
    pub type Burn<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<100_000_000>>;
    /// Lower bound of the price.
    #[pallet::storage]
    pub type MinBurn<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<500_000>>;
    /// Upper bound of the price.
    #[pallet::storage]
    pub type MaxBurn<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<100_000_000_000>>;
    /// Blocks in which the price halves.
    #[pallet::storage]
    pub type BurnHalfLife<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<360>>;
    /// Factor of the price per registration.
    #[pallet::storage]
    pub type BurnIncreaseMult<T: Config> = StorageMap<_, Identity, u16, U64F64, ValueQuery, DefaultBurnIncrease>;
    /// TAO burned by registrations.
    #[pallet::storage]
    pub type RAORecycledForRegistration<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Whether neurons may register.
    #[pallet::storage]
    pub type NetworkRegistrationAllowed<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Kept for clients; proof of work is not used.
    #[pallet::storage]
    pub type NetworkPowRegistrationAllowed<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Counted, not enforced.
    #[pallet::storage]
    pub type RegistrationsThisInterval<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Counted, not enforced.
    #[pallet::storage]
    pub type BurnRegistrationsThisInterval<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Counted, not enforced.
    #[pallet::storage]
    pub type RegistrationsThisBlock<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type MaxRegistrationsPerBlock<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<1>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type TargetRegistrationsPerInterval<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<2>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type LastAdjustmentBlock<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type AdjustmentInterval<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<100>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type AdjustmentAlpha<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type Difficulty<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<10_000_000>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type MinDifficulty<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<10_000_000>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type MaxDifficulty<T: Config> =
        StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<4_611_686_018_427_387_903>>;
    /// Blocks in which a new neuron is not pruned.
    #[pallet::storage]
    pub type ImmunityPeriod<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<4096>>;
    /// Slots.
    #[pallet::storage]
    pub type MaxAllowedUids<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<256>>;
    /// Lower bound of the slots.
    #[pallet::storage]
    pub type MinAllowedUids<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<64>>;
    /// Neurons beyond immunity that pruning leaves alone.
    #[pallet::storage]
    pub type MinNonImmuneUids<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<10>>;
    /// Hotkeys of the owner that are never pruned.
    #[pallet::storage]
    pub type ImmuneOwnerUidsLimit<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<1>>;
    /// Most validators with a permit.
    #[pallet::storage]
    pub type MaxAllowedValidators<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<128>>;
    /// Least entries of a weight vector.
    #[pallet::storage]
    pub type MinAllowedWeights<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<1024>>;
    /// Kept for clients; without effect.
    #[pallet::storage]
    pub type MaxWeightsLimit<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<65535>>;
    /// Blocks between two weight vectors of one neuron.
    #[pallet::storage]
    pub type WeightsSetRateLimit<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<100>>;
    /// Least version key of a weight vector.
    #[pallet::storage]
    pub type WeightsVersionKey<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Blocks between two `serve_axon` of one neuron.
    #[pallet::storage]
    pub type ServingRateLimit<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<50>>;
    /// Blocks after which a validator counts as inactive; superseded by the factor.
    #[pallet::storage]
    pub type ActivityCutoff<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<5000>>;
    /// Activity cutoff in thousandths of a tempo.
    #[pallet::storage]
    pub type ActivityCutoffFactorMilli<T: Config> = StorageMap<_, Identity, u16, u32, ValueQuery, ConstU32<13_889>>;
    /// Kept for clients.
    #[pallet::storage]
    pub type Rho<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<10>>;
    /// Majority of the consensus, of 65535.
    #[pallet::storage]
    pub type Kappa<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<32767>>;
    /// Moving average of bonds, of a million.
    #[pallet::storage]
    pub type BondsMovingAverage<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery, ConstU64<900_000>>;
    /// Penalty of weights above consensus, of 65535.
    #[pallet::storage]
    pub type BondsPenalty<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery, ConstU16<65535>>;
    /// Whether a miner's commitment may reset its bonds.
    #[pallet::storage]
    pub type BondsResetOn<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery>;
    /// Whether bonds move at a rate of their own.
    #[pallet::storage]
    pub type LiquidAlphaOn<T: Config> = StorageMap<_, Blake2_128Concat, u16, bool, ValueQuery>;
    /// Bounds of that rate, of 65535.
    #[pallet::storage]
    pub type AlphaValues<T: Config> = StorageMap<_, Identity, u16, (u16, u16), ValueQuery, DefaultAlphaValues>;
    /// Steepness of that rate, in percent.
    #[pallet::storage]
    pub type AlphaSigmoidSteepness<T: Config> = StorageMap<_, Identity, u16, i16, ValueQuery, ConstI16<1000>>;
    /// Yuma3 instead of Yuma2.
    #[pallet::storage]
    pub type Yuma3On<T: Config> = StorageMap<_, Blake2_128Concat, u16, bool, ValueQuery>;
    /// Whether weights must be committed first.
    #[pallet::storage]
    pub type CommitRevealWeightsEnabled<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Epochs between commit and reveal.
    #[pallet::storage]
    pub type RevealPeriodEpochs<T: Config> = StorageMap<_, Twox64Concat, u16, u64, ValueQuery, ConstU64<1>>;
    /// Version of timelocked commits.
    #[pallet::storage]
    pub type CommitRevealWeightsVersion<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<4>>;
    /// Least stake that sets weights.
    #[pallet::storage]
    pub type StakeThreshold<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type TxRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<1000>>;
    /// Share of the owner, of 65535.
    #[pallet::storage]
    pub type SubnetOwnerCut<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<11796>>;
    /// Alpha issued by emission; the input of the halving. Ours differs: stake added for TAO is not in it.
    #[pallet::storage]
    pub type SubnetAlphaOut<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Alpha emitted in the last block.
    #[pallet::storage]
    pub type SubnetAlphaOutEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// TAO of the subnet's principals: staked and not yet taken back. It lies in the subnet's account.
    #[pallet::storage]
    pub type SubnetTAO<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Alpha in a pool: none.
    #[pallet::storage]
    pub type SubnetAlphaIn<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type SubnetAlphaInEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type SubnetTaoInEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type SubnetVolume<T: Config> = StorageMap<_, Identity, u16, u128, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type SubnetMovingPrice<T: Config> = StorageMap<_, Identity, u16, I96F32, ValueQuery>;
    /// Miners' share since the last epoch.
    #[pallet::storage]
    pub type PendingServerEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Validators' share since the last epoch.
    #[pallet::storage]
    pub type PendingValidatorEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Owner's share since the last epoch.
    #[pallet::storage]
    pub type PendingOwnerCut<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type PendingRootAlphaDivs<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Share of the last epoch's miner emission that was burned.
    #[pallet::storage]
    pub type MinerBurned<T: Config> = StorageMap<_, Identity, u16, U96F32, ValueQuery>;
    /// Ours. Cumulative earned alpha that unstaking turned into TAO of the subnet's pot.
    #[pallet::storage]
    pub type PaidFromPot<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Ours. Cumulative alpha paid to uids.
    #[pallet::storage]
    pub type PaidToNeurons<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Ours. Cumulative alpha paid to the owner.
    #[pallet::storage]
    pub type PaidToOwner<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Ours. Cumulative emission that nobody received: that of miners who are the owner's, and all of an epoch without
    /// incentives, the owner's cut with it.
    #[pallet::storage]
    pub type BurnedEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Ours. What truncation left of the last epoch; added to the next epoch's miner pool.
    #[pallet::storage]
    pub type CarriedEmission<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
    /// Ours. Alpha that came to a hotkey in the period between two epochs of this number; of other periods it is old.
    #[pallet::storage]
    pub type FreshStake<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, (u64, u64), ValueQuery>;
    /// Ours. Whether `serve_axon` accepts 127.0.0.1 and ::1; set by the genesis of a localnet only.
    #[pallet::storage]
    pub type AllowLoopbackAxon<T: Config> = StorageValue<_, bool, ValueQuery>;
    /// Ours. What `register_network` gives a subnet, where upstream has constants; absent it is upstream's.
    #[pallet::storage]
    pub type SubnetDefaults<T: Config> = StorageValue<_, SubnetParameters, ValueQuery>;
    /// Kept for clients: there is no TAO flow to average.
    #[pallet::storage]
    pub type SubnetEmaTaoFlow<T: Config> = StorageMap<_, Identity, u16, (u64, I64F64), OptionQuery>;
}
