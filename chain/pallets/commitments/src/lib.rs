//! Commitments: one slot of data a (subnet, hotkey), overwritten by every call.
//!
//! Names, indexes, hashers and encoding are upstream's (spec 424), so unmodified clients read and write it. The event
//! carries no data: read the slot in the state of a block, and its `block` field for when it was set.
//!
//! Each call is charged `max(100, bytes)` against `MaxSpace` (3100) an epoch, so there are at most 31 an epoch. Timelocked
//! fields are stored but never revealed here, for lack of the beacon: `RevealedCommitments` stays empty.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod types;
pub mod weights;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests;

pub use pallet::*;
pub use types::*;

/// The index as a list, which is encoded alike: its length can be read without the rest.
mod as_list {
    use alloc::vec::Vec;
    use frame_support::{pallet_prelude::ValueQuery, storage_alias};

    #[storage_alias]
    pub type TimelockedIndex<T: crate::Config> =
        StorageValue<crate::Pallet<T>, Vec<(u16, <T as frame_system::Config>::AccountId)>, ValueQuery>;
}

/// Least charge of a call, in bytes.
pub const MIN_CHARGE_BYTES: u64 = 100;

/// What this pallet asks of the pallet that keeps the subnets.
pub trait SubnetInfo<AccountId> {
    /// May this hotkey commit: is it registered in this subnet?
    fn is_registered(netuid: u16, hotkey: &AccountId) -> bool;

    /// How many epochs this subnet has had; quotas start anew when it changes.
    fn epoch_index(netuid: u16) -> u64;

    /// The hotkey committed a `ResetBondsFlag`: drop all bonds in its neuron, if the subnet allows it.
    fn reset_bonds(_netuid: u16, _hotkey: &AccountId) {}

    /// Registers a hotkey in a full subnet where all have bonds in it, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn register(netuid: u16, hotkey: &AccountId);
}

// FRAME's storage macro expands to `expect`; our own code has none.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{weights::WeightInfo, CommitmentInfo, Registration, SubnetInfo, UsageTracker, MIN_CHARGE_BYTES};
    use alloc::{boxed::Box, collections::BTreeSet, vec::Vec};
    use frame_support::pallet_prelude::*;
    use frame_support::traits::ConstU32;
    use frame_system::pallet_prelude::*;

    /// A hotkey's slot.
    pub type RegistrationOf<T> = Registration<u64, <T as Config>::MaxFields, BlockNumberFor<T>>;

    /// The pallet.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Registrations and epochs of subnets.
        type Subnets: SubnetInfo<Self::AccountId>;

        /// Most fields a commitment may have; upstream's is 3.
        #[pallet::constant]
        type MaxFields: Get<u32> + 'static;

        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Rao held for a commitment: none.
        #[pallet::constant_name(InitialDeposit)]
        fn initial_deposit() -> u64 {
            0
        }

        /// Rao held for each field: none.
        #[pallet::constant_name(FieldDeposit)]
        fn field_deposit() -> u64 {
            0
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A commitment was set.
        Commitment {
            /// The subnet.
            netuid: u16,
            /// The hotkey.
            who: T::AccountId,
        },
        /// A commitment with a timelocked field was set.
        TimelockCommitment {
            /// The subnet.
            netuid: u16,
            /// The hotkey.
            who: T::AccountId,
            /// The drand round that opens it.
            reveal_round: u64,
        },
        /// A timelocked commitment was revealed. Never emitted here.
        CommitmentRevealed {
            /// The subnet.
            netuid: u16,
            /// The hotkey.
            who: T::AccountId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// More fields than `MaxFields`. Decoding refuses those first.
        TooManyFieldsInCommitmentInfo,
        /// The hotkey is not registered in this subnet: register it, then commit.
        AccountNotAllowedCommit,
        /// The quota of this epoch is used up: commit less often, or wait for the subnet's next epoch.
        SpaceLimitExceeded,
        /// A deposit could not be returned. Never happens: there is none.
        UnexpectedUnreserveLeftover,
    }

    /// Slots with a timelocked field.
    #[pallet::storage]
    pub type TimelockedIndex<T: Config> = StorageValue<_, BTreeSet<(u16, T::AccountId)>, ValueQuery>;

    /// (netuid, hotkey) -> the slot.
    #[pallet::storage]
    pub type CommitmentOf<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, RegistrationOf<T>, OptionQuery>;

    /// (netuid, hotkey) -> the block of the last commitment.
    #[pallet::storage]
    pub type LastCommitment<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// (netuid, hotkey) -> the block of the last `ResetBondsFlag`.
    #[pallet::storage]
    pub type LastBondsReset<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// (netuid, hotkey) -> (data, block of revelation). Always empty here; clients read it.
    #[pallet::storage]
    pub type RevealedCommitments<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, Vec<(Vec<u8>, u64)>, OptionQuery>;

    /// (netuid, hotkey) -> what it used of its quota.
    #[pallet::storage]
    pub type UsedSpaceOf<T: Config> =
        StorageDoubleMap<_, Identity, u16, Twox64Concat, T::AccountId, UsageTracker, OptionQuery>;

    /// Bytes a hotkey may commit in a subnet an epoch.
    #[pallet::storage]
    pub type MaxSpace<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<3100>>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the signer's slot in a subnet.
        ///
        /// Errors: AccountNotAllowedCommit, TooManyFieldsInCommitmentInfo, SpaceLimitExceeded.
        #[pallet::call_index(0)]
        #[pallet::weight((Pallet::<T>::commitment_weight(info), DispatchClass::Normal, Pays::No))]
        pub fn set_commitment(
            origin: OriginFor<T>,
            netuid: u16,
            info: Box<CommitmentInfo<T::MaxFields>>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let usage = Self::check_commitment(netuid, &who, &info)?;
            UsedSpaceOf::<T>::insert(netuid, &who, usage);

            let block = frame_system::Pallet::<T>::block_number();
            if info.resets_bonds() {
                LastBondsReset::<T>::insert(netuid, &who, block);
                T::Subnets::reset_bonds(netuid, &who);
            }
            LastCommitment::<T>::insert(netuid, &who, block);
            let reveal_round = info.reveal_round();
            CommitmentOf::<T>::insert(netuid, &who, Registration { deposit: 0, block, info: *info });
            Self::index_timelocked(netuid, &who, reveal_round.is_some());
            Self::deposit_event(match reveal_round {
                Some(reveal_round) => Event::TimelockCommitment { netuid, who, reveal_round },
                None => Event::Commitment { netuid, who },
            });
            Ok(())
        }

        /// Root only: bytes a hotkey may commit in a subnet an epoch.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_max_space())]
        pub fn set_max_space(origin: OriginFor<T>, new_limit: u32) -> DispatchResult {
            ensure_root(origin)?;
            MaxSpace::<T>::set(new_limit);
            Ok(())
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::check_state()
        }
    }

    impl<T: Config> Pallet<T> {
        /// Weight of a commitment: by its bytes and the timelocked ones that there are; more if it resets bonds.
        fn commitment_weight(info: &CommitmentInfo<T::MaxFields>) -> Weight {
            let bytes = u32::try_from(info.quota_bytes()).unwrap_or(u32::MAX);
            let timelocked = crate::as_list::TimelockedIndex::<T>::decode_len().unwrap_or(0);
            let timelocked = u32::try_from(timelocked).unwrap_or(u32::MAX);
            if info.resets_bonds() {
                T::WeightInfo::set_commitment_resetting(bytes, timelocked)
            } else {
                T::WeightInfo::set_commitment(bytes, timelocked)
            }
        }

        /// What the hotkey will have used of its quota of this epoch, or why it may not commit. The pool asks before a
        /// block, the call again in it.
        pub fn check_commitment(
            netuid: u16,
            who: &T::AccountId,
            info: &CommitmentInfo<T::MaxFields>,
        ) -> Result<UsageTracker, Error<T>> {
            ensure!(T::Subnets::is_registered(netuid, who), Error::<T>::AccountNotAllowedCommit);
            let fields = u32::try_from(info.fields.len()).unwrap_or(u32::MAX);
            ensure!(fields <= T::MaxFields::get(), Error::<T>::TooManyFieldsInCommitmentInfo);
            let epoch = T::Subnets::epoch_index(netuid);
            let used = UsedSpaceOf::<T>::get(netuid, who)
                .filter(|usage| usage.last_epoch == epoch)
                .map_or(0, |usage| usage.used_space);
            let used_space = used.saturating_add(info.quota_bytes().max(MIN_CHARGE_BYTES));
            ensure!(used_space <= u64::from(MaxSpace::<T>::get()), Error::<T>::SpaceLimitExceeded);
            Ok(UsageTracker { last_epoch: epoch, used_space })
        }

        /// Forgets a hotkey that lost its uid.
        pub fn forget(netuid: u16, who: &T::AccountId) {
            if CommitmentOf::<T>::take(netuid, who).is_some_and(|slot| slot.info.reveal_round().is_some()) {
                Self::index_timelocked(netuid, who, false);
            }
            LastCommitment::<T>::remove(netuid, who);
            LastBondsReset::<T>::remove(netuid, who);
            RevealedCommitments::<T>::remove(netuid, who);
            UsedSpaceOf::<T>::remove(netuid, who);
        }

        /// Forgets a subnet that was dissolved.
        pub fn forget_subnet(netuid: u16) {
            let _ = CommitmentOf::<T>::clear_prefix(netuid, u32::MAX, None);
            let _ = LastCommitment::<T>::clear_prefix(netuid, u32::MAX, None);
            let _ = LastBondsReset::<T>::clear_prefix(netuid, u32::MAX, None);
            let _ = RevealedCommitments::<T>::clear_prefix(netuid, u32::MAX, None);
            let _ = UsedSpaceOf::<T>::clear_prefix(netuid, u32::MAX, None);
            let mut index = TimelockedIndex::<T>::get();
            let before = index.len();
            index.retain(|(subnet, _)| *subnet != netuid);
            if index.len() != before {
                TimelockedIndex::<T>::put(index);
            }
        }

        /// Keeps `TimelockedIndex` equal to the set of slots with a timelocked field; writes only if that changes it.
        fn index_timelocked(netuid: u16, who: &T::AccountId, timelocked: bool) {
            let key = (netuid, who.clone());
            let mut index = TimelockedIndex::<T>::get();
            let changed = if timelocked { index.insert(key) } else { index.remove(&key) };
            if changed {
                TimelockedIndex::<T>::put(index);
            }
        }

        /// What holds after every block.
        ///
        /// A slot has no deposit, a block that is not in the future and equals `LastCommitment`, a usage that covers
        /// its charge, and is in `TimelockedIndex` exactly if a field is timelocked. Nothing is ever revealed.
        ///
        /// Errors: what does not hold.
        pub fn check_state() -> Result<(), sp_runtime::TryRuntimeError> {
            let now = frame_system::Pallet::<T>::block_number();
            let mut timelocked = BTreeSet::new();
            let mut slots: usize = 0;
            for (netuid, who, slot) in CommitmentOf::<T>::iter() {
                slots = slots.saturating_add(1);
                ensure!(slot.deposit == 0, "Commitments: a slot holds a deposit");
                ensure!(slot.block <= now, "Commitments: a slot is from the future");
                let last = LastCommitment::<T>::get(netuid, &who);
                ensure!(last == Some(slot.block), "Commitments: LastCommitment differs from the slot");
                let used = UsedSpaceOf::<T>::get(netuid, &who).map_or(0, |usage| usage.used_space);
                ensure!(used >= slot.info.quota_bytes().max(MIN_CHARGE_BYTES), "Commitments: a slot was not charged");
                if slot.info.reveal_round().is_some() {
                    timelocked.insert((netuid, who));
                }
            }
            ensure!(timelocked == TimelockedIndex::<T>::get(), "Commitments: TimelockedIndex differs from the slots");
            ensure!(LastCommitment::<T>::iter().count() == slots, "Commitments: LastCommitment without a slot");
            ensure!(UsedSpaceOf::<T>::iter().count() == slots, "Commitments: UsedSpaceOf without a slot");
            ensure!(RevealedCommitments::<T>::iter().next().is_none(), "Commitments: something was revealed");
            Ok(())
        }
    }
}
