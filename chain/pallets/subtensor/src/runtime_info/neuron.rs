//! Answers of `NeuronInfoRuntimeApi`.
use alloc::vec::Vec;
use codec::Compact;

use crate::{
    pallet::*,
    runtime_api::neuron::{NeuronInfo, NeuronInfoLite},
};

fn at<V: Copy + Default>(list: &[V], uid: u16) -> V {
    list.get(usize::from(uid)).copied().unwrap_or_default()
}

fn compact(row: Vec<(u16, u16)>) -> Vec<(Compact<u16>, Compact<u16>)> {
    row.into_iter().map(|(uid, value)| (Compact(uid), Compact(value))).collect()
}

/// A subnet's vectors, read once for all its neurons.
struct Columns {
    active: Vec<bool>,
    emission: Vec<u64>,
    incentive: Vec<u16>,
    consensus: Vec<u16>,
    validator_trust: Vec<u16>,
    dividends: Vec<u16>,
    last_update: Vec<u64>,
    validator_permit: Vec<bool>,
}

impl<T: Config> Pallet<T> {
    fn columns(netuid: u16) -> Columns {
        Columns {
            active: Active::<T>::get(netuid),
            emission: Emission::<T>::get(netuid),
            incentive: Incentive::<T>::get(netuid),
            consensus: Consensus::<T>::get(netuid),
            validator_trust: ValidatorTrust::<T>::get(netuid),
            dividends: Dividends::<T>::get(netuid),
            last_update: LastUpdate::<T>::get(netuid),
            validator_permit: ValidatorPermit::<T>::get(netuid),
        }
    }

    fn neuron_of(netuid: u16, uid: u16, columns: &Columns) -> NeuronInfoLite<T::AccountId> {
        let hotkey = Keys::<T>::get(netuid, uid);
        let coldkey = Owner::<T>::get(&hotkey);
        NeuronInfoLite {
            uid: Compact(uid),
            netuid: Compact(netuid),
            active: at(&columns.active, uid),
            axon_info: Axons::<T>::get(netuid, &hotkey).unwrap_or_default(),
            prometheus_info: Prometheus::<T>::get(netuid, &hotkey).unwrap_or_default(),
            stake: alloc::vec![(coldkey.clone(), Compact(TotalHotkeyAlpha::<T>::get(&hotkey, netuid)))],
            rank: Compact(0),
            emission: Compact(at(&columns.emission, uid)),
            incentive: Compact(at(&columns.incentive, uid)),
            consensus: Compact(at(&columns.consensus, uid)),
            trust: Compact(0),
            validator_trust: Compact(at(&columns.validator_trust, uid)),
            dividends: Compact(at(&columns.dividends, uid)),
            last_update: Compact(at(&columns.last_update, uid)),
            validator_permit: at(&columns.validator_permit, uid),
            pruning_score: Compact(0),
            hotkey,
            coldkey,
        }
    }

    /// All neurons of a subnet, by uid.
    pub fn neurons_lite(netuid: u16) -> Vec<NeuronInfoLite<T::AccountId>> {
        let columns = Self::columns(netuid);
        (0..SubnetworkN::<T>::get(netuid)).map(|uid| Self::neuron_of(netuid, uid, &columns)).collect()
    }

    /// One neuron, if the uid exists.
    pub fn neuron_lite(netuid: u16, uid: u16) -> Option<NeuronInfoLite<T::AccountId>> {
        (uid < SubnetworkN::<T>::get(netuid)).then(|| Self::neuron_of(netuid, uid, &Self::columns(netuid)))
    }

    fn with_rows(netuid: u16, lite: NeuronInfoLite<T::AccountId>) -> NeuronInfo<T::AccountId> {
        let index = Self::storage_index(netuid, 0);
        NeuronInfo {
            weights: compact(Weights::<T>::get(index, lite.uid.0)),
            bonds: compact(Bonds::<T>::get(index, lite.uid.0)),
            hotkey: lite.hotkey,
            coldkey: lite.coldkey,
            uid: lite.uid,
            netuid: lite.netuid,
            active: lite.active,
            axon_info: lite.axon_info,
            prometheus_info: lite.prometheus_info,
            stake: lite.stake,
            rank: lite.rank,
            emission: lite.emission,
            incentive: lite.incentive,
            consensus: lite.consensus,
            trust: lite.trust,
            validator_trust: lite.validator_trust,
            dividends: lite.dividends,
            last_update: lite.last_update,
            validator_permit: lite.validator_permit,
            pruning_score: lite.pruning_score,
        }
    }

    /// All neurons of a subnet with weights and bonds, by uid.
    pub fn neurons(netuid: u16) -> Vec<NeuronInfo<T::AccountId>> {
        Self::neurons_lite(netuid).into_iter().map(|lite| Self::with_rows(netuid, lite)).collect()
    }

    /// One neuron with weights and bonds, if the uid exists.
    pub fn neuron(netuid: u16, uid: u16) -> Option<NeuronInfo<T::AccountId>> {
        Self::neuron_lite(netuid, uid).map(|lite| Self::with_rows(netuid, lite))
    }
}
