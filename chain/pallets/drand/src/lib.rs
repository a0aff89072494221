//! Drand: pulses of a public randomness beacon, verified and kept for a while, so that what was encrypted to them can be
//! opened. Names, types and indexes are those of upstream's spec 424; storage marked "Ours" is not upstream's.
//!
//! Off unless the genesis names the beacon. Anybody may send a pulse, for no fee: it proves itself. Where upstream wants
//! rising rounds, a missing one may be sent later here, so that nobody hides a round by sending a newer one first.
//!
//! Ours: a pulse may be signed as well. To tell a false one takes milliseconds, for which nobody pays when it has no
//! signature: a node looks at few of those, and false ones can take the places of true ones. A signed one is looked at in
//! the block alone. It pays for that, and gets the fee back if it is the beacon's newest.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub use pallet::*;

pub mod beacon;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

/// Ours. Pulses that are kept; upstream keeps 216,000. A reveal needs its pulse in the blocks after it came.
pub const KEPT_PULSES: u64 = 7_200;
/// Ours. Most pulses of one block.
pub const PULSES_PER_BLOCK: u32 = 8;
/// Ours. Number by which the pool says that this chain follows no beacon.
pub const NO_BEACON: u8 = 15;

// FRAME's storage macro expands to `expect`; unsigned validation is upstream's way to send pulses.
#[allow(clippy::expect_used, clippy::let_unit_value, deprecated)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{beacon, types::*, weights::WeightInfo, KEPT_PULSES, NO_BEACON, PULSES_PER_BLOCK};
    use alloc::vec::Vec;
    use frame_support::{
        dispatch::{Pays, PostDispatchInfo},
        pallet_prelude::*,
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::{traits::Saturating, MultiSignature, MultiSigner};

    /// The pallet.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Upstream's.
        #[pallet::constant]
        type UnsignedPriority: Get<TransactionPriority>;
        /// Upstream's; nothing is fetched here.
        #[pallet::constant]
        type HttpFetchTimeout: Get<u64>;
        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }

    /// The beacon that pulses are verified by.
    #[pallet::storage]
    pub type BeaconConfig<T: Config> = StorageValue<_, BeaconConfiguration, ValueQuery, Quicknet>;
    /// Kept for clients.
    #[pallet::storage]
    pub type HasMigrationRun<T: Config> = StorageMap<_, Identity, BoundedVec<u8, ConstU32<128>>, bool, ValueQuery>;
    /// Pulse of a round.
    #[pallet::storage]
    pub type Pulses<T: Config> = StorageMap<_, Blake2_128Concat, RoundNumber, Pulse, OptionQuery>;
    /// Highest round that was stored.
    #[pallet::storage]
    pub type LastStoredRound<T: Config> = StorageValue<_, RoundNumber, ValueQuery>;
    /// The round that has been stored for the longest time.
    #[pallet::storage]
    pub type OldestStoredRound<T: Config> = StorageValue<_, RoundNumber, ValueQuery>;
    /// Block of the last pulse.
    #[pallet::storage]
    pub type NextUnsignedAt<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;
    /// Ours. Whether the chain follows the beacon; set by the genesis.
    #[pallet::storage]
    pub type FollowsBeacon<T: Config> = StorageValue<_, bool, ValueQuery>;
    /// Ours. Kept rounds in the order in which they came, by their place in it.
    #[pallet::storage]
    pub type KeptRounds<T: Config> = StorageMap<_, Twox64Concat, u64, RoundNumber, ValueQuery>;
    /// Ours. First place that is kept, and the next that is free.
    #[pallet::storage]
    pub type KeptRange<T: Config> = StorageValue<_, (u64, u64), ValueQuery>;
    /// Ours. Pulses that came in the block of `NextUnsignedAt`.
    #[pallet::storage]
    pub type PulsesInBlock<T: Config> = StorageValue<_, u32, ValueQuery>;

    /// Which beacon a chain follows.
    #[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    pub enum Beacon {
        /// Drand's quicknet.
        Quicknet,
    }

    /// The first state; in JSON camelCase under "drand".
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// The beacon, if the chain follows one: timelocked weights are refused without.
        pub beacon: Option<Beacon>,
        #[allow(missing_docs)]
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            FollowsBeacon::<T>::put(self.beacon.is_some());
        }
    }

    /// What happened. Names, fields and indexes are upstream's.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Root chose another beacon.
        BeaconConfigChanged,
        /// Pulses were stored.
        NewPulse {
            /// Their rounds.
            rounds: Vec<RoundNumber>,
        },
        /// Root named the oldest round.
        SetOldestStoredRound(u64),
    }

    /// Why a call is refused. Names and indexes are upstream's.
    #[pallet::error]
    pub enum Error<T> {
        /// The chain follows no beacon.
        NoneValue,
        /// Too many pulses in one block.
        StorageOverflow,
        /// Nothing is fetched here.
        DrandConnectionFailure,
        /// The pulse is not the beacon's.
        UnverifiedPulse,
        /// The round is stored already, or too old.
        InvalidRoundNumber,
        /// The pulse is not well formed.
        PulseVerificationError,
    }

    /// What pulses come in.
    pub type Payload<T> = PulsesPayload<MultiSigner, BlockNumberFor<T>>;

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Verifies and stores pulses; unsigned, or signed at a fee that the newest pulse gets back.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::write_pulse(u32::try_from(pulses_payload.pulses.len()).unwrap_or(u32::MAX).max(1)))]
        pub fn write_pulse(
            origin: OriginFor<T>,
            pulses_payload: Payload<T>,
            signature: Option<MultiSignature>,
        ) -> DispatchResultWithPostInfo {
            ensure_none(origin.clone()).or_else(|_| ensure_signed(origin).map(|_| ()))?;
            let _ = signature;
            let pays_fee = Self::do_write_pulses(pulses_payload.pulses)?;
            Ok(PostDispatchInfo { actual_weight: None, pays_fee })
        }

        /// Chooses another beacon; Root.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_beacon_config())]
        pub fn set_beacon_config(
            origin: OriginFor<T>,
            config_payload: BeaconConfigurationPayload<MultiSigner, BlockNumberFor<T>>,
            signature: Option<MultiSignature>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            let _ = signature;
            BeaconConfig::<T>::put(config_payload.config);
            Self::deposit_event(Event::BeaconConfigChanged);
            Ok(())
        }

        /// Names the oldest round; Root.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_oldest_stored_round())]
        pub fn set_oldest_stored_round(origin: OriginFor<T>, oldest_round: u64) -> DispatchResult {
            ensure_root(origin)?;
            OldestStoredRound::<T>::put(oldest_round);
            Self::deposit_event(Event::SetOldestStoredRound(oldest_round));
            Ok(())
        }
    }

    #[pallet::validate_unsigned]
    impl<T: Config> ValidateUnsigned for Pallet<T> {
        type Call = Call<T>;

        /// One pulse, new, and the beacon's. The newest goes first; a round waits once, whoever sends it.
        fn validate_unsigned(_source: TransactionSource, call: &Self::Call) -> TransactionValidity {
            let pulse = Self::sent_pulse(call)?;
            let genuine = beacon::is_genuine(&BeaconConfig::<T>::get().public_key, pulse);
            ensure!(genuine == Some(true), InvalidTransaction::BadProof);
            ValidTransaction::with_tag_prefix("DrandOffchainWorker")
                .priority(PULSE_PRIORITY.saturating_add(pulse.round))
                .and_provides((b"drand", pulse.round))
                .longevity(20)
                .propagate(true)
                .build()
        }

        /// In a block the call itself verifies.
        fn pre_dispatch(call: &Self::Call) -> Result<(), TransactionValidityError> {
            Self::sent_pulse(call)?;
            ensure!(Self::pulses_left() > 0, InvalidTransaction::ExhaustsResources);
            Ok(())
        }
    }

    /// Above all that is free or paid: there are few pulses in a block, and no two of a round.
    const PULSE_PRIORITY: TransactionPriority = 1 << 62;

    impl<T: Config> Pallet<T> {
        /// Why a signed call could store nothing, whatever its pulse is worth; other calls pass.
        pub fn check_signed(call: &Call<T>) -> Result<(), TransactionValidityError> {
            match call {
                Call::write_pulse { .. } => Self::sent_pulse(call).map(|_| ()),
                _ => Ok(()),
            }
        }

        /// The pulse of a call that could store it, not verified yet.
        fn sent_pulse(call: &Call<T>) -> Result<&Pulse, TransactionValidityError> {
            let Call::write_pulse { pulses_payload, .. } = call else {
                return Err(InvalidTransaction::Call.into());
            };
            ensure!(FollowsBeacon::<T>::get(), InvalidTransaction::Custom(NO_BEACON));
            let [pulse] = &pulses_payload.pulses[..] else {
                return Err(InvalidTransaction::Call.into());
            };
            let now = frame_system::Pallet::<T>::block_number();
            ensure!(pulses_payload.block_number <= now, InvalidTransaction::Future);
            ensure!(Self::is_wanted(pulse.round), InvalidTransaction::Stale);
            let genuine_length = pulse.signature.len() == beacon::SIGNATURE_BYTES;
            ensure!(genuine_length && pulse.randomness.len() == 32, InvalidTransaction::BadProof);
            Ok(pulse)
        }

        /// Whether a round is missing, and not so old that nobody waits for it.
        fn is_wanted(round: RoundNumber) -> bool {
            let newest = LastStoredRound::<T>::get();
            round.saturating_add(KEPT_PULSES) > newest && !Pulses::<T>::contains_key(round)
        }

        /// How many pulses this block still takes.
        fn pulses_left() -> u32 {
            let now = frame_system::Pallet::<T>::block_number();
            let came = if NextUnsignedAt::<T>::get() == now { PulsesInBlock::<T>::get() } else { 0 };
            PULSES_PER_BLOCK.saturating_sub(came)
        }

        /// Whether the sender pays: not for one pulse that is newer than all. There is one in a period of the beacon.
        fn do_write_pulses(pulses: Vec<Pulse>) -> Result<Pays, DispatchError> {
            ensure!(FollowsBeacon::<T>::get(), Error::<T>::NoneValue);
            let newest = LastStoredRound::<T>::get();
            let is_newest = matches!(&pulses[..], [pulse] if pulse.round > newest);
            let count = u32::try_from(pulses.len()).unwrap_or(u32::MAX);
            let left = Self::pulses_left();
            ensure!(count <= left, Error::<T>::StorageOverflow);
            let key = BeaconConfig::<T>::get().public_key;
            let rounds: Vec<RoundNumber> = pulses.iter().map(|pulse| pulse.round).collect();
            for pulse in pulses {
                ensure!(Self::is_wanted(pulse.round), Error::<T>::InvalidRoundNumber);
                let genuine = beacon::is_genuine(&key, &pulse).ok_or(Error::<T>::PulseVerificationError)?;
                ensure!(genuine, Error::<T>::UnverifiedPulse);
                Self::keep(pulse);
            }
            NextUnsignedAt::<T>::put(frame_system::Pallet::<T>::block_number());
            PulsesInBlock::<T>::put(PULSES_PER_BLOCK.saturating_sub(left).saturating_add(count));
            Self::deposit_event(Event::NewPulse { rounds });
            Ok(if is_newest { Pays::No } else { Pays::Yes })
        }

        /// Stores a pulse, in the place of the one that has been here for the longest time.
        fn keep(pulse: Pulse) {
            let (mut first, next) = KeptRange::<T>::get();
            LastStoredRound::<T>::mutate(|newest| *newest = pulse.round.max(*newest));
            KeptRounds::<T>::insert(next, pulse.round);
            Pulses::<T>::insert(pulse.round, pulse);
            let next = next.saturating_add(1);
            if next.saturating_sub(first) > KEPT_PULSES {
                Pulses::<T>::remove(KeptRounds::<T>::take(first));
                first.saturating_inc();
            }
            OldestStoredRound::<T>::put(KeptRounds::<T>::get(first));
            KeptRange::<T>::put((first, next));
        }
    }
}
