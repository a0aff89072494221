//! What happened.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
    /// What happened. Names, fields and indexes are upstream's.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A subnet was registered: netuid, pricing mechanism.
        #[codec(index = 0)]
        NetworkAdded(u16, u16),
        /// A subnet was dissolved: netuid.
        #[codec(index = 1)]
        NetworkRemoved(u16),
        /// TAO became stake: coldkey, hotkey, TAO, alpha, netuid, fee.
        #[codec(index = 2)]
        StakeAdded(T::AccountId, T::AccountId, u64, u64, u16, u64),
        /// Stake became TAO: coldkey, hotkey, TAO, alpha, netuid, fee.
        #[codec(index = 3)]
        StakeRemoved(T::AccountId, T::AccountId, u64, u64, u16, u64),
        /// Stake changed its hotkey: coldkey, hotkey and netuid before, hotkey and netuid after, TAO.
        #[codec(index = 4)]
        StakeMoved(T::AccountId, T::AccountId, u16, T::AccountId, u16, u64),
        /// A neuron set its weights: storage index, uid.
        #[codec(index = 5)]
        WeightsSet(u16, u16),
        /// A hotkey was given a uid: netuid, uid, hotkey.
        #[codec(index = 6)]
        NeuronRegistered(u16, u16, T::AccountId),
        /// Slots: netuid, value.
        #[codec(index = 9)]
        MaxAllowedUidsSet(u16, u16),
        /// Difficulty: netuid, value.
        #[codec(index = 11)]
        DifficultySet(u16, u64),
        /// Adjustment interval: netuid, value.
        #[codec(index = 12)]
        AdjustmentIntervalSet(u16, u16),
        /// Registrations aimed at in an interval: netuid, value.
        #[codec(index = 13)]
        RegistrationPerIntervalSet(u16, u16),
        /// Registrations of a block: netuid, value.
        #[codec(index = 14)]
        MaxRegistrationsPerBlockSet(u16, u16),
        /// Activity cutoff: netuid, value.
        #[codec(index = 15)]
        ActivityCutoffSet(u16, u16),
        /// Steepness of liquid alpha: netuid, value.
        #[codec(index = 17)]
        AlphaSigmoidSteepnessSet(u16, i16),
        /// Majority of the consensus: netuid, value.
        #[codec(index = 18)]
        KappaSet(u16, u16),
        /// Least entries of a weight vector: netuid, value.
        #[codec(index = 19)]
        MinAllowedWeightSet(u16, u16),
        /// Blocks between two weight vectors: netuid, value.
        #[codec(index = 22)]
        WeightsSetRateLimitSet(u16, u64),
        /// Immunity of new neurons: netuid, value.
        #[codec(index = 23)]
        ImmunityPeriodSet(u16, u16),
        /// Moving average of bonds: netuid, value.
        #[codec(index = 24)]
        BondsMovingAverageSet(u16, u64),
        /// Penalty of weights above consensus: netuid, value.
        #[codec(index = 25)]
        BondsPenaltySet(u16, u16),
        /// Whether miners may reset bonds: netuid, value.
        #[codec(index = 26)]
        BondsResetOnSet(u16, bool),
        /// Most validators: netuid, value.
        #[codec(index = 27)]
        MaxAllowedValidatorsSet(u16, u16),
        /// A neuron serves: netuid, hotkey.
        #[codec(index = 28)]
        AxonServed(u16, T::AccountId),
        /// A neuron serves metrics: netuid, hotkey.
        #[codec(index = 29)]
        PrometheusServed(u16, T::AccountId),
        /// The highest take.
        #[codec(index = 31)]
        DefaultTakeSet(u16),
        /// Least version key: netuid, value.
        #[codec(index = 32)]
        WeightsVersionKeySet(u16, u64),
        /// Least difficulty: netuid, value.
        #[codec(index = 33)]
        MinDifficultySet(u16, u64),
        /// Highest difficulty: netuid, value.
        #[codec(index = 34)]
        MaxDifficultySet(u16, u64),
        /// Blocks between two axons: netuid, value.
        #[codec(index = 35)]
        ServingRateLimitSet(u16, u64),
        /// Upper bound of the burn price: netuid, value.
        #[codec(index = 37)]
        MaxBurnSet(u16, u64),
        /// Lower bound of the burn price: netuid, value.
        #[codec(index = 38)]
        MinBurnSet(u16, u64),
        /// Most epochs in one block.
        #[codec(index = 39)]
        MaxEpochsPerBlockSet(u8),
        /// Blocks between two transactions of a coldkey.
        #[codec(index = 40)]
        TxRateLimitSet(u64),
        /// Blocks between two rises of a take.
        #[codec(index = 41)]
        TxDelegateTakeRateLimitSet(u64),
        /// Blocks before an epoch in which parameters are frozen.
        #[codec(index = 43)]
        AdminFreezeWindowSet(u16),
        /// Tempos between two changes of a parameter by its owner.
        #[codec(index = 44)]
        OwnerHyperparamRateLimitSet(u16),
        /// Least take of children: netuid, value.
        #[codec(index = 46)]
        MinChildKeyTakePerSubnetSet(u16, u16),
        /// A child has another take: hotkey, take.
        #[codec(index = 48)]
        ChildKeyTakeSet(T::AccountId, u16),
        /// Whether neurons may register: netuid, value.
        #[codec(index = 50)]
        RegistrationAllowed(u16, bool),
        /// Blocks between two epochs: netuid, value.
        #[codec(index = 52)]
        TempoSet(u16, u16),
        /// Least stake that sets weights.
        #[codec(index = 54)]
        StakeThresholdSet(u64),
        /// Adjustment alpha: netuid, value.
        #[codec(index = 55)]
        AdjustmentAlphaSet(u16, u64),
        /// Share of the owner.
        #[codec(index = 57)]
        SubnetOwnerCutSet(u16),
        /// Blocks between two subnets.
        #[codec(index = 58)]
        NetworkRateLimitSet(u64),
        /// Blocks in which a new subnet is not dissolved for another one.
        #[codec(index = 59)]
        NetworkImmunityPeriodSet(u64),
        /// Blocks between `register_network` and `start_call`.
        #[codec(index = 60)]
        StartCallDelaySet(u64),
        /// Least price of a subnet.
        #[codec(index = 61)]
        NetworkMinLockCostSet(u64),
        /// Most subnets.
        #[codec(index = 62)]
        SubnetLimitSet(u16),
        /// Blocks in which the price of a subnet falls by its last price.
        #[codec(index = 63)]
        NetworkLockCostReductionIntervalSet(u64),
        /// A hotkey takes less of its dividends: coldkey, hotkey, take.
        #[codec(index = 64)]
        TakeDecreased(T::AccountId, T::AccountId, u16),
        /// A hotkey takes more of its dividends: coldkey, hotkey, take.
        #[codec(index = 65)]
        TakeIncreased(T::AccountId, T::AccountId, u16),
        /// A hotkey took the place of another on all networks.
        #[codec(index = 66)]
        HotkeySwapped {
            /// Coldkey.
            coldkey: T::AccountId,
            /// Hotkey before.
            old_hotkey: T::AccountId,
            /// Hotkey now.
            new_hotkey: T::AccountId,
        },
        /// Highest take.
        #[codec(index = 67)]
        MaxDelegateTakeSet(u16),
        /// Least take.
        #[codec(index = 68)]
        MinDelegateTakeSet(u16),
        /// A hotkey will have other children: hotkey, netuid, block after which, children.
        #[codec(index = 75)]
        SetChildrenScheduled(T::AccountId, u16, u64, Vec<(u64, T::AccountId)>),
        /// A hotkey has other children: hotkey, netuid, children.
        #[codec(index = 76)]
        SetChildren(T::AccountId, u16, Vec<(u64, T::AccountId)>),
        /// A coldkey has an identity: coldkey.
        #[codec(index = 77)]
        ChainIdentitySet(T::AccountId),
        /// A subnet has an identity: netuid.
        #[codec(index = 78)]
        SubnetIdentitySet(u16),
        /// A subnet has no identity any more: netuid.
        #[codec(index = 79)]
        SubnetIdentityRemoved(u16),
        /// A hotkey committed to weights: hotkey, storage index, hash.
        #[codec(index = 85)]
        WeightsCommitted(T::AccountId, u16, T::Hash),
        /// A hotkey revealed weights: hotkey, storage index, hash.
        #[codec(index = 86)]
        WeightsRevealed(T::AccountId, u16, T::Hash),
        /// A hotkey revealed several weights: hotkey, netuid, hashes.
        #[codec(index = 87)]
        WeightsBatchRevealed(T::AccountId, u16, Vec<T::Hash>),
        /// A batch of weights or commits is done: netuids, hotkey.
        #[codec(index = 88)]
        BatchWeightsCompleted(Vec<codec::Compact<u16>>, T::AccountId),
        /// Some of a batch failed.
        #[codec(index = 89)]
        BatchCompletedWithErrors(),
        /// One of a batch failed: netuid, why.
        #[codec(index = 90)]
        BatchWeightItemFailed(u16, sp_runtime::DispatchError),
        /// Stake changed its coldkey: coldkey before and after, hotkey, netuid before and after, TAO.
        #[codec(index = 91)]
        StakeTransferred(T::AccountId, T::AccountId, T::AccountId, u16, u16, u64),
        /// Stake changed its subnet: coldkey, hotkey, netuid before and after, TAO.
        #[codec(index = 92)]
        StakeSwapped(T::AccountId, T::AccountId, u16, u16, u64),
        /// Whether stake may be given to other coldkeys: netuid, value.
        #[codec(index = 93)]
        TransferToggle(u16, bool),
        /// The owner's hotkey: netuid, hotkey.
        #[codec(index = 94)]
        SubnetOwnerHotkeySet(u16, T::AccountId),
        /// A subnet was started: netuid, first block with emission.
        #[codec(index = 95)]
        FirstEmissionBlockNumberSet(u16, u64),
        /// Alpha was recycled: coldkey, hotkey, alpha, netuid.
        #[codec(index = 96)]
        AlphaRecycled(T::AccountId, T::AccountId, u64, u16),
        /// Alpha was burned: coldkey, hotkey, alpha, netuid.
        #[codec(index = 97)]
        AlphaBurned(T::AccountId, T::AccountId, u64, u16),
        /// Epochs between commit and reveal: netuid, value.
        #[codec(index = 100)]
        CommitRevealPeriodsSet(u16, u64),
        /// Whether weights must be committed first: netuid, value.
        #[codec(index = 101)]
        CommitRevealEnabled(u16, bool),
        /// A hotkey took the place of another on one network.
        #[codec(index = 102)]
        HotkeySwappedOnSubnet {
            /// Coldkey.
            coldkey: T::AccountId,
            /// Hotkey before.
            old_hotkey: T::AccountId,
            /// Hotkey now.
            new_hotkey: T::AccountId,
            /// Network.
            netuid: u16,
        },
        /// A subnet has another symbol.
        #[codec(index = 105)]
        SymbolUpdated {
            /// Subnet.
            netuid: u16,
            /// Symbol.
            symbol: Vec<u8>,
        },
        /// Version of timelocked commits.
        #[codec(index = 106)]
        CommitRevealVersionSet(u16),
        /// A hotkey committed to encrypted weights: hotkey, storage index, hash, round.
        #[codec(index = 107)]
        TimelockedWeightsCommitted(T::AccountId, u16, T::Hash, u64),
        /// Encrypted weights were opened and set: storage index, hotkey.
        #[codec(index = 108)]
        TimelockedWeightsRevealed(u16, T::AccountId),
        /// What a miner earned was staked on another hotkey.
        #[codec(index = 109)]
        AutoStakeAdded {
            /// Subnet.
            netuid: u16,
            /// Hotkey on which it was staked.
            destination: T::AccountId,
            /// Hotkey that earned it.
            hotkey: T::AccountId,
            /// Coldkey of both positions.
            owner: T::AccountId,
            /// Alpha.
            incentive: u64,
        },
        /// An epoch gave miners alpha, by uid: storage index, emissions.
        #[codec(index = 110)]
        IncentiveAlphaEmittedToMiners {
            /// Storage index.
            netuid: u16,
            /// Alpha by uid.
            emissions: Vec<u64>,
        },
        /// Lower bound of the slots: netuid, value.
        #[codec(index = 111)]
        MinAllowedUidsSet(u16, u16),
        /// A coldkey stakes what its miners earn on one hotkey.
        #[codec(index = 112)]
        AutoStakeDestinationSet {
            /// Coldkey.
            coldkey: T::AccountId,
            /// Subnet.
            netuid: u16,
            /// Hotkey.
            hotkey: T::AccountId,
        },
        /// Neurons beyond immunity that pruning leaves alone: netuid, value.
        #[codec(index = 113)]
        MinNonImmuneUidsSet(u16, u16),
        /// A coldkey claimed root dividends.
        #[codec(index = 114)]
        RootClaimed {
            /// Coldkey.
            coldkey: T::AccountId,
        },
        /// A coldkey said what should become of its root dividends.
        #[codec(index = 115)]
        RootClaimTypeSet {
            /// Coldkey.
            coldkey: T::AccountId,
            /// What should become of them.
            root_claim_type: RootClaimTypeEnum,
        },
        /// A subnet has another activity cutoff.
        #[codec(index = 130)]
        ActivityCutoffFactorMilliSet {
            /// Subnet.
            netuid: u16,
            /// Thousandths of a tempo.
            factor_milli: u32,
        },
        /// An owner asked for an epoch.
        #[codec(index = 131)]
        EpochTriggered {
            /// Subnet.
            netuid: u16,
            /// The owner's coldkey.
            by: T::AccountId,
            /// Block in which it runs.
            fires_at: u64,
        },
        /// Too many epochs were due in one block.
        #[codec(index = 132)]
        EpochDeferred {
            /// Subnet.
            netuid: u16,
            /// Block in which it was due.
            from_block: u64,
            /// Block in which it will run.
            to_block: u64,
        },
        /// An epoch's slot passed without one: the subnet's keys are inconsistent.
        #[codec(index = 133)]
        EpochSkipped {
            /// Subnet.
            netuid: u16,
            /// Block.
            block: u64,
        },
    }
}
