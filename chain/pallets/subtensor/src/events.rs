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
        /// A neuron serves: netuid, hotkey.
        #[codec(index = 28)]
        AxonServed(u16, T::AccountId),
        /// A hotkey takes less of its dividends: coldkey, hotkey, take.
        #[codec(index = 64)]
        TakeDecreased(T::AccountId, T::AccountId, u16),
        /// A hotkey takes more of its dividends: coldkey, hotkey, take.
        #[codec(index = 65)]
        TakeIncreased(T::AccountId, T::AccountId, u16),
        /// A subnet has an identity: netuid.
        #[codec(index = 78)]
        SubnetIdentitySet(u16),
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
        /// A subnet was started: netuid, first block with emission.
        #[codec(index = 95)]
        FirstEmissionBlockNumberSet(u16, u64),
        /// A hotkey committed to encrypted weights: hotkey, storage index, hash, round.
        #[codec(index = 107)]
        TimelockedWeightsCommitted(T::AccountId, u16, T::Hash, u64),
        /// Encrypted weights were opened and set: storage index, hotkey.
        #[codec(index = 108)]
        TimelockedWeightsRevealed(u16, T::AccountId),
        /// An epoch gave miners alpha, by uid: storage index, emissions.
        #[codec(index = 110)]
        IncentiveAlphaEmittedToMiners {
            /// Storage index.
            netuid: u16,
            /// Alpha by uid.
            emissions: Vec<u64>,
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
