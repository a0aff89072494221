//! State for benchmarks: subnets as full as they can be, accounts with long lists. Other pallets' benchmarks use it too.
use alloc::{vec, vec::Vec};
use frame_benchmarking::account;
use frame_support::traits::fungible::{Inspect, Mutate};

use crate::{pallet::*, staking::MIN_STAKE, types::*};

/// The subnet that most benchmarks are about.
pub const NETUID: u16 = 1;
/// Most neurons of a subnet.
pub const UIDS: u16 = 256;
/// Neurons of a subnet whose size does not matter.
pub const FEW: u16 = 4;
/// Most validators.
pub const VALIDATORS: u16 = 64;
/// Coldkeys that stake on each neuron, besides its own.
pub const NOMINATORS: u16 = 4;
/// Children of a hotkey.
pub const CHILDREN: u32 = 5;
/// Parents of a hotkey that has many.
pub const PARENTS: u32 = 64;
/// Entries of an account's lists that it made long itself, and paid for.
pub const LONG: u32 = 64;
/// The block in which benchmarks run: nobody is immune any more.
pub const NOW: u32 = 1_000_000;
/// A TAO, in rao.
pub const TAO: u64 = 1_000_000_000;
/// Blocks between two epochs.
pub const TEMPO: u16 = 360;

/// The account of a name and a number.
pub fn named<T: Config>(name: &'static str, index: u32) -> T::AccountId {
    account(name, index, 0)
}

/// Hotkey of a uid, the same on every subnet.
pub fn hotkey<T: Config>(uid: u16) -> T::AccountId {
    named::<T>("hotkey", uid.into())
}

/// Its coldkey.
pub fn coldkey<T: Config>(uid: u16) -> T::AccountId {
    named::<T>("coldkey", uid.into())
}

/// Coldkey of the owner of every subnet.
pub fn owner<T: Config>() -> T::AccountId {
    named::<T>("owner", 0)
}

/// Gives an account TAO.
pub fn fund<T: Config>(who: &T::AccountId, rao: u64) {
    T::Currency::mint_into(who, rao).expect("an account takes what it is given");
}

/// Stakes of a coldkey that gets what it needs for it.
pub fn stake<T: Config>(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, rao: u64) {
    fund::<T>(coldkey, rao.saturating_add(T::Currency::minimum_balance()));
    Pallet::<T>::do_add_stake(coldkey.clone(), hotkey.clone(), netuid, rao).expect("whoever has the TAO may stake it");
}

/// A subnet that has started; each neuron has a TAO of its coldkey's.
pub fn subnet<T: Config>(netuid: u16, neurons: u16) {
    frame_system::Pallet::<T>::set_block_number(1_u32.into());
    fund::<T>(&owner::<T>(), 1_000 * TAO);
    let neurons = (0..neurons).map(|uid| {
        fund::<T>(&coldkey::<T>(uid), 2 * TAO);
        GenesisNeuron {
            hotkey: hotkey::<T>(uid),
            coldkey: coldkey::<T>(uid),
            stake: TAO,
            validator_permit: uid < VALIDATORS,
        }
    });
    Pallet::<T>::build_network(&GenesisNetwork {
        netuid,
        owner_coldkey: owner::<T>(),
        owner_hotkey: named::<T>("owner_hotkey", 0),
        tempo: TEMPO,
        weights_set_rate_limit: Some(0),
        serving_rate_limit: Some(0),
        neurons: neurons.collect(),
        additional: Default::default(),
    });
    frame_system::Pallet::<T>::set_block_number(NOW.into());
    LastEpochBlock::<T>::insert(netuid, u64::from(NOW));
    SubnetEpochIndex::<T>::insert(netuid, 10);
}

/// Other subnets, so that there are as many networks with the root network; each has the neuron of uid 0.
pub fn networks<T: Config>(count: u32) {
    let missing = count.saturating_sub(TotalNetworks::<T>::get().into()) as usize;
    let free: Vec<u16> = (NETUID..).filter(|netuid| !NetworksAdded::<T>::get(netuid)).take(missing).collect();
    free.into_iter().for_each(|netuid| subnet::<T>(netuid, 1));
}

/// All weights and all bonds of a mechanism.
pub fn matrix<T: Config>(netuid: u16, mecid: u8) {
    let index = Pallet::<T>::storage_index(netuid, mecid);
    let neurons = SubnetworkN::<T>::get(netuid);
    let row: Vec<(u16, u16)> = (0..neurons).map(|uid| (uid, u16::MAX)).collect();
    for uid in 0..neurons {
        Weights::<T>::insert(index, uid, &row);
        Bonds::<T>::insert(index, uid, &row);
    }
}

/// What a neuron can have besides its uid.
pub fn belongings<T: Config>(netuid: u16, hotkey: &T::AccountId) {
    Axons::<T>::insert(netuid, hotkey, AxonInfo::default());
    Prometheus::<T>::insert(netuid, hotkey, PrometheusInfo::default());
    NeuronCertificates::<T>::insert(netuid, hotkey, NeuronCertificate::from_bytes(&[1; 65]).unwrap_or_default());
    AlphaDividendsPerSubnet::<T>::insert(netuid, hotkey, 1);
    ChildkeyTake::<T>::insert(hotkey, netuid, 1);
    WeightCommits::<T>::insert(netuid, hotkey, vec![(T::Hash::default(), 10, 1, 0); 10]);
}

/// A subnet of 256 neurons with weights, bonds and all that neurons can have.
pub fn full_subnet<T: Config>(netuid: u16) {
    subnet::<T>(netuid, UIDS);
    matrix::<T>(netuid, 0);
    (0..UIDS).for_each(|uid| belongings::<T>(netuid, &hotkey::<T>(uid)));
}

/// A full subnet, one neuron of which is this hotkey.
pub fn full_subnet_with<T: Config>(netuid: u16, neuron: &T::AccountId) {
    full_subnet::<T>(netuid);
    let uid = UIDS - 1;
    Uids::<T>::remove(netuid, hotkey::<T>(uid));
    Uids::<T>::insert(netuid, neuron, uid);
    Keys::<T>::insert(netuid, uid, neuron);
}

/// A second mechanism; together they have as many uids as one may have.
pub fn two_mechanisms<T: Config>(netuid: u16) {
    subnet::<T>(netuid, UIDS / 2);
    MaxAllowedUids::<T>::insert(netuid, UIDS / 2);
    Pallet::<T>::do_set_mechanism_count(netuid, 2).expect("two mechanisms of 128 uids are allowed");
    matrix::<T>(netuid, 0);
    matrix::<T>(netuid, 1);
}

/// Others' stake on a hotkey.
pub fn nominate<T: Config>(netuid: u16, hotkey: &T::AccountId, nominators: u32) {
    for index in 0..nominators {
        stake::<T>(hotkey, &named::<T>("nominator", index), netuid, MIN_STAKE);
    }
}

fn link<T: Config>(netuid: u16, parent: &T::AccountId, child: &T::AccountId) {
    let part = u64::MAX / 8;
    ChildKeys::<T>::append(parent, netuid, (part, child));
    ParentKeys::<T>::append(child, netuid, (part, parent));
}

/// Parents of a hotkey, each with stake.
pub fn parents<T: Config>(netuid: u16, child: &T::AccountId, parents: u32) {
    let coldkey = named::<T>("parents_coldkey", 0);
    for index in 0..parents {
        let parent = named::<T>("parent", index);
        Pallet::<T>::create_account_if_absent(&coldkey, &parent);
        stake::<T>(&parent, &coldkey, netuid, MIN_STAKE);
        link::<T>(netuid, &parent, child);
    }
}

/// Hotkeys that could be children; no two names have one in common.
pub fn possible_children<T: Config>(name: &'static str) -> Vec<T::AccountId> {
    (0..CHILDREN).map(|index| named::<T>(name, index)).collect()
}

/// Children of a hotkey.
pub fn children<T: Config>(netuid: u16, parent: &T::AccountId) {
    for child in possible_children::<T>("child") {
        Pallet::<T>::create_account_if_absent(&named::<T>("childs_coldkey", 0), &child);
        link::<T>(netuid, parent, &child);
    }
}

/// Makes the lists of a coldkey long: hotkeys that it owns, and on which it has stake.
pub fn long_lists<T: Config>(coldkey: &T::AccountId, netuid: u16) {
    for index in 0..LONG {
        let hotkey = named::<T>("listed", index);
        Pallet::<T>::create_account_if_absent(coldkey, &hotkey);
        stake::<T>(&hotkey, coldkey, netuid, MIN_STAKE);
    }
}

/// A weight vector of so many entries.
pub fn vector(entries: u32) -> (Vec<u16>, Vec<u16>) {
    (0..entries as u16).map(|uid| (uid, uid.saturating_add(1))).unzip()
}

/// The validator of uid 0 with children and many parents, on a subnet of 256 neurons with all weights.
pub fn validator<T: Config>(netuid: u16) -> T::AccountId {
    subnet::<T>(netuid, UIDS);
    matrix::<T>(netuid, 0);
    let hotkey = hotkey::<T>(0);
    children::<T>(netuid, &hotkey);
    parents::<T>(netuid, &hotkey, PARENTS);
    hotkey
}
