//! SubtensorModule: registration, serving, weights, stake, the Yuma epoch and the emission of a subnet.
//!
//! Declarations only: every section (`config`, `storage_*`, `events`, `errors`, `dispatches`, `hooks`, `genesis`) is a
//! file, the logic lies in the other modules next to it. Names, hashers, value types, call, event and error indexes
//! are those of upstream's spec 424; storage marked "Ours" is not upstream's. Only block numbers are used, never time.
//! Start reading at `dispatches.rs`, then `registration.rs`, `weight_matrix.rs`, `epoch.rs`, `emission.rs`.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

use frame_support::pallet_macros::import_section;

pub use commits::{zip_reveals, Revealed};
pub use pallet::*;
pub use pool_codes::BAD_REQUEST;
pub use timelocked::{Beacon, Ciphertext};

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod children;
mod commits;
mod config;
mod consensus;
mod constants;
mod delegates;
mod dispatches;
pub mod dissolving;
mod emission;
mod epoch;
mod errors;
mod events;
mod fresh;
mod genesis;
mod hook_cost;
mod hook_weights;
mod hooks;
#[cfg(feature = "runtime-benchmarks")]
pub mod hooks_benchmarking;
mod hotkeys;
mod inheritance;
mod limits;
pub mod mechanism_count;
mod mechanisms;
mod moves;
mod netuid_zero;
pub mod owner;
mod pool_codes;
mod positions;
mod recycling;
mod registration;
pub mod runtime_api;
mod runtime_info;
mod serving;
mod shares;
mod staking;
mod storage_clients;
mod storage_delegation;
mod storage_neurons;
mod storage_owner;
mod storage_subnets;
mod subnets;
mod swap_hotkey;
mod symbols;
pub mod tempo;
mod timelocked;
mod trimming;
mod try_state;
pub mod types;
mod uids;
mod weighing;
mod weight_matrix;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

// FRAME's storage macro expands to `expect` (our own code has none), and calls have upstream's arguments.
#[allow(clippy::expect_used, clippy::too_many_arguments)]
#[import_section(config::config)]
#[import_section(constants::constants)]
#[import_section(storage_subnets::storage_subnets)]
#[import_section(storage_neurons::storage_neurons)]
#[import_section(storage_delegation::storage_delegation)]
#[import_section(storage_clients::storage_clients)]
#[import_section(storage_owner::storage_owner)]
#[import_section(events::events)]
#[import_section(errors::errors)]
#[import_section(dispatches::dispatches)]
#[import_section(hooks::hooks)]
#[import_section(genesis::genesis)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{
        dissolving::Belongings,
        types::*,
        weighing::{bytes, claimed, kept, length, total},
        weights::WeightInfo,
        zip_reveals, Beacon, Ciphertext,
    };
    use alloc::{
        collections::{BTreeMap, BTreeSet},
        vec::Vec,
    };
    use frame_support::pallet_prelude::*;
    use frame_support::traits::{ConstBool, ConstI16, ConstU16, ConstU32, ConstU64, ConstU8};
    use frame_system::pallet_prelude::*;

    /// The pallet.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);
}
