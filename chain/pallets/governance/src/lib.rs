//! Governance: the only way to Root on a chain that is not for development.
//!
//! n keys are named in the genesis. When k of them have approved a call, by the hash of its preimage, the Scheduler runs
//! it as Root `Delay` blocks later. Until then everybody can read it, and those who hold at least half of all TAO that is
//! staked can stop it. Nothing else on such a chain has Root; there is no sudo key.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

use frame_support::traits::{
    schedule::{v3::Named, v3::TaskName, DispatchTime},
    Bounded, Get, QueryPreimage,
};
use frame_system::pallet_prelude::BlockNumberFor;

pub use pallet::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod proposals;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

/// How much TAO is staked where.
pub trait Stakes<AccountId> {
    /// TAO of a coldkey in one position, in rao: what it staked there and may take out again.
    fn principal(hotkey: &AccountId, coldkey: &AccountId, netuid: u16) -> u64;
    /// All TAO that is staked, in rao.
    fn total() -> u64;
    /// Lets a coldkey have staked that much, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn give(hotkey: &AccountId, coldkey: &AccountId, netuid: u16, rao: u64);
}

/// The call as the Scheduler takes it.
pub type BoundedCallOf<T> = Bounded<<T as Config>::RuntimeCall, <T as frame_system::Config>::Hashing>;

// FRAME's storage macro expands to `expect`; our own code has none.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use crate::{types::*, weights::WeightInfo};
    use alloc::vec::Vec;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    /// The pallet.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What it needs.
    #[pallet::config]
    pub trait Config: frame_system::Config<Hash = sp_core::H256, RuntimeEvent: From<Event<Self>>> {
        /// Calls of the runtime.
        type RuntimeCall: Parameter + From<frame_system::Call<Self>>;
        /// Origins that the Scheduler gives a call; Root is the one that is used.
        type PalletsOrigin: From<frame_system::RawOrigin<Self::AccountId>>;
        /// Runs the call when it is time.
        type Scheduler: Named<
            BlockNumberFor<Self>,
            <Self as Config>::RuntimeCall,
            Self::PalletsOrigin,
            Hasher = Self::Hashing,
        >;
        /// Where the call itself was published.
        type Preimages: QueryPreimage<H = Self::Hashing>;
        /// Whose TAO counts against a proposal.
        type Stakes: Stakes<Self::AccountId>;
        /// Blocks between the last approval and the call.
        #[pallet::constant]
        type Delay: Get<BlockNumberFor<Self>>;
        /// Blocks after which approvals that were not enough count no longer.
        #[pallet::constant]
        type Lifetime: Get<BlockNumberFor<Self>>;
        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }

    /// Who may approve, and how many have to.
    #[pallet::storage]
    pub type Council<T: Config> = StorageValue<_, CouncilOf<T>, ValueQuery>;

    /// Proposals by the hash of their call.
    #[pallet::storage]
    pub type Proposals<T: Config> = StorageMap<_, Identity, T::Hash, Proposal<T>, OptionQuery>;

    /// Whose stake is against a proposal, and where it lies.
    #[pallet::storage]
    pub type Objections<T: Config> =
        StorageDoubleMap<_, Identity, T::Hash, Blake2_128Concat, T::AccountId, Positions<T>, OptionQuery>;

    /// The first state; in JSON camelCase under "governance". Without keys nobody has Root, ever.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The n keys.
        pub keys: Vec<T::AccountId>,
        /// k: how many of them have to approve.
        pub threshold: u32,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let council = Pallet::<T>::council(self.keys.clone(), self.threshold);
            assert!(
                council.is_ok() || self.keys.is_empty(),
                "genesis: governance needs 1 to 32 distinct keys, and 1 to all of them as its threshold"
            );
            if let Ok(council) = council {
                Council::<T>::put(council);
            }
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A key approved a call.
        Approved {
            /// Hash of the call's preimage.
            call: T::Hash,
            /// The key.
            by: T::AccountId,
        },
        /// Enough keys have: the call runs in this block, unless it is stopped.
        Scheduled {
            /// Hash of the call's preimage.
            call: T::Hash,
            /// Block in which it runs.
            at: BlockNumberFor<T>,
        },
        /// A coldkey objected.
        Objected {
            /// Hash of the call's preimage.
            call: T::Hash,
            /// The coldkey.
            by: T::AccountId,
            /// All stake against it now, in rao.
            against: u64,
        },
        /// Half of the stake was against it: it does not run.
        Stopped {
            /// Hash of the call's preimage.
            call: T::Hash,
        },
        /// Other keys, or another number of them, from now on.
        CouncilChanged {
            /// k.
            threshold: u32,
        },
    }

    /// What is refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The signer is none of the keys.
        NotAKey,
        /// This key has approved it already.
        AlreadyApproved,
        /// The call was not published: note its preimage first.
        NoPreimage,
        /// There is no such proposal, or it is not scheduled.
        NotScheduled,
        /// It is scheduled already.
        AlreadyScheduled,
        /// The call has run, or its time is over.
        TooLate,
        /// None of the named positions holds a principal of the signer.
        NothingStaked,
        /// So many coldkeys object already that another has to bring more than the least of them.
        TooLittleStake,
        /// 1 to 32 distinct keys, and 1 to all of them as the threshold.
        BadCouncil,
        /// The Scheduler refused it.
        SchedulingFailed,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Approves the call whose preimage has this hash; with the k-th approval it is scheduled.
        #[pallet::call_index(0)]
        #[pallet::weight((T::WeightInfo::approve(), DispatchClass::Normal, Pays::Yes))]
        pub fn approve(origin: OriginFor<T>, call: T::Hash) -> DispatchResult {
            Self::do_approve(ensure_signed(origin)?, call)
        }

        /// Objects to a scheduled call with what the signing coldkey has staked in these positions. Once half of all stake
        /// objects, the call does not run.
        #[pallet::call_index(1)]
        #[pallet::weight((T::WeightInfo::object(positions.len() as u32), DispatchClass::Normal, Pays::Yes))]
        pub fn object(origin: OriginFor<T>, call: T::Hash, positions: Positions<T>) -> DispatchResult {
            Self::do_object(ensure_signed(origin)?, call, positions)
        }

        /// Names other keys. Root alone: a proposal like any other.
        #[pallet::call_index(2)]
        #[pallet::weight((T::WeightInfo::set_council(keys.len() as u32), DispatchClass::Normal, Pays::Yes))]
        pub fn set_council(origin: OriginFor<T>, keys: Vec<T::AccountId>, threshold: u32) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_set_council(keys, threshold)
        }
    }
}

/// Name under which the Scheduler knows a proposal.
fn task_name<T: Config>(call: &T::Hash) -> TaskName {
    use codec::Encode;
    sp_io::hashing::blake2_256(&(b"governance", call).encode())
}

/// When a call runs that was approved now.
fn after<T: Config>() -> DispatchTime<BlockNumberFor<T>> {
    DispatchTime::After(<T as Config>::Delay::get())
}
