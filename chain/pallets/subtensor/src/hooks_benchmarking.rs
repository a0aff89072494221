//! Benchmarks of what happens in every block before its extrinsics: without an epoch, with one, and children of an epoch.
#![cfg(feature = "runtime-benchmarks")]
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
use alloc::{string::String, vec, vec::Vec};
use core::marker::PhantomData;

use frame_benchmarking::{account, v2::*};
use frame_support::traits::{fungible::Mutate, Hooks};
use frame_system::pallet_prelude::BlockNumberFor;

use crate::{
    types::{GenesisNetwork, GenesisNeuron},
    AlphaValues, Burn, CommitRevealWeightsEnabled, Config, LastUpdate, LiquidAlphaOn, MaxAllowedUids,
    PendingChildKeys, PendingServerEmission, PendingValidatorEmission, Tempo, TotalHotkeyAlpha, Weights,
};

/// What the runtime lists: a crate has one list of benchmarks in its pallet, this is its second.
pub struct Pallet<T: Config>(PhantomData<T>);

type Subtensor<T> = crate::Pallet<T>;

const NETUID: u16 = 1;
const TEMPO: u16 = 12;
const STAKE: u64 = 1_000_000_000_000;
const BURN: u64 = 100_000_000_000;
/// Children of a hotkey: upstream's most.
const CHILDREN: u32 = 5;

fn go_to<T: Config>(block: u32) {
    frame_system::Pallet::<T>::set_block_number(BlockNumberFor::<T>::from(block));
}

fn hotkey<T: Config>(netuid: u16, uid: u32) -> T::AccountId {
    account("hotkey", uid, netuid.into())
}

fn coldkey<T: Config>(netuid: u16, uid: u32) -> T::AccountId {
    let who = account("coldkey", uid, netuid.into());
    T::Currency::mint_into(&who, 2 * STAKE).unwrap();
    who
}

/// A subnet that emits, with `uids` neurons of which the first `validators` have stake and a permit.
fn build<T: Config>(netuid: u16, uids: u32, validators: u32) {
    let neurons = (0..uids).map(|uid| GenesisNeuron {
        hotkey: hotkey::<T>(netuid, uid),
        coldkey: coldkey::<T>(netuid, uid),
        stake: if uid < validators { STAKE } else { 0 },
        validator_permit: uid < validators,
    });
    Subtensor::<T>::build_network(&GenesisNetwork {
        netuid,
        owner_coldkey: account("owner", 0, netuid.into()),
        owner_hotkey: account("owner hotkey", 0, netuid.into()),
        tempo: TEMPO,
        weights_set_rate_limit: Some(0),
        serving_rate_limit: Some(0),
        neurons: neurons.collect(),
        additional: String::new(),
    });
}

/// Every validator weighs every neuron, each its own way; nobody's weights are too old, nobody's bonds empty.
fn fill<T: Config>(uids: u32, validators: u32, block: u64) {
    let uids = uids as u16;
    for uid in 0..validators as u16 {
        let row: Vec<(u16, u16)> =
            (0..uids).map(|other| (other, 1 + (other * 37 + uid * 101) % 60_000)).collect();
        Weights::<T>::insert(NETUID, uid, row);
    }
    LastUpdate::<T>::insert(NETUID, vec![block; usize::from(uids)]);
    LiquidAlphaOn::<T>::insert(NETUID, true);
    AlphaValues::<T>::insert(NETUID, (45_875, 58_982));
    CommitRevealWeightsEnabled::<T>::insert(NETUID, true);
    PendingServerEmission::<T>::insert(NETUID, 1_000_000_000_000);
    PendingValidatorEmission::<T>::insert(NETUID, 1_000_000_000_000);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// A block in which no epoch is due: prices of `s` subnets decay, each emits, their clocks go on.
    #[benchmark]
    fn quiet(s: Linear<0, 128>) {
        go_to::<T>(2);
        for netuid in 1..=s as u16 {
            build::<T>(netuid, 0, 0);
            Burn::<T>::insert(netuid, BURN);
            Tempo::<T>::insert(netuid, 50_000);
        }

        #[block]
        {
            Subtensor::<T>::on_initialize(3_u32.into());
        }
    }

    /// An epoch of `u` uids with `v` validators, each of which weighs all; liquid alpha, commit-reveal, bonds of the epoch
    /// before.
    #[benchmark]
    fn epoch(u: Linear<16, 256>, v: Linear<1, 64>) {
        let validators = v.min(u);
        go_to::<T>(1);
        build::<T>(NETUID, u, validators);
        MaxAllowedUids::<T>::insert(NETUID, 256);
        go_to::<T>(20);
        fill::<T>(u, validators, 20);
        Subtensor::<T>::run_due_epochs(&[NETUID]);
        go_to::<T>(40);
        fill::<T>(u, validators, 40);

        #[block]
        {
            Subtensor::<T>::run_due_epochs(&[NETUID]);
        }

        assert_eq!(PendingServerEmission::<T>::get(NETUID), 0);
    }

    /// What an epoch does for `c` hotkeys whose children are due.
    #[benchmark]
    fn children(c: Linear<0, 64>) {
        go_to::<T>(1);
        build::<T>(NETUID, c.max(1), c.max(1));
        for uid in 0..c {
            let parent = hotkey::<T>(NETUID, uid);
            TotalHotkeyAlpha::<T>::insert(&parent, NETUID, STAKE);
            let part = u64::MAX / u64::from(CHILDREN);
            let edges: Vec<(u64, T::AccountId)> =
                (0..CHILDREN).map(|child| (part, account("child", child, uid))).collect();
            PendingChildKeys::<T>::insert(NETUID, parent, (edges, 2));
        }
        go_to::<T>(20);
        crate::LastEpochBlock::<T>::insert(NETUID, 20);

        #[block]
        {
            assert_eq!(Subtensor::<T>::apply_due_children(&[NETUID], 20), c);
        }
    }
}
