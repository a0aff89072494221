//! What a declared weight is made from: the lengths of a call's arguments, and how much there is on the chain.
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::weights::Weight;

use crate::{pallet::*, types::*, weights::WeightInfo};

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Entries of a list.
pub(crate) fn length<V>(list: &[V]) -> u32 {
    count(list.len())
}

/// Entries of all lists.
pub(crate) fn total<V>(lists: &[Vec<V>]) -> u32 {
    lists.iter().fold(0, |sum, list| sum.saturating_add(length(list)))
}

/// Bytes of all fields.
pub(crate) fn bytes(fields: &[&Vec<u8>]) -> u32 {
    fields.iter().fold(0, |sum, field| sum.saturating_add(length(field)))
}

/// Subnets of a claim.
pub(crate) fn claimed(subnets: &BTreeSet<u16>) -> u32 {
    count(subnets.len())
}

/// Subnets that a choice names.
pub(crate) fn kept(choice: &RootClaimTypeEnum) -> u32 {
    match choice {
        RootClaimTypeEnum::KeepSubnets { subnets } => claimed(subnets),
        RootClaimTypeEnum::Swap | RootClaimTypeEnum::Keep => 0,
    }
}

fn identity_bytes(identity: &SubnetIdentityV3) -> u32 {
    let SubnetIdentityV3 {
        subnet_name,
        github_repo,
        subnet_contact,
        subnet_url,
        discord,
        description,
        logo_url,
        additional,
    } = identity;
    bytes(&[subnet_name, github_repo, subnet_contact, subnet_url, discord, description, logo_url, additional])
}

impl<T: Config> Pallet<T> {
    /// Networks that there are, the root network among them.
    pub(crate) fn network_count() -> u32 {
        TotalNetworks::<T>::get().into()
    }

    /// Timelocked commits of this epoch, which the next commit looks through.
    pub(crate) fn queue_length(netuid: u16, mecid: u8) -> u32 {
        let index = Self::storage_index(netuid, mecid);
        count(TimelockedWeightCommits::<T>::decode_len(index, Self::epoch_of_call(netuid)).unwrap_or(0))
    }

    /// Weight of `swap_hotkey`.
    pub(crate) fn swap_weight(netuid: Option<u16>) -> Weight {
        match netuid {
            Some(_) => T::WeightInfo::swap_hotkey_on_subnet(),
            None => T::WeightInfo::swap_hotkey(Self::network_count()),
        }
    }

    /// Weight of the next `register_network`: at the limit a subnet is dissolved for the new one.
    pub(crate) fn founding_weight(identity: Option<&SubnetIdentityV3>) -> Weight {
        let networks = Self::network_count();
        let founding = match identity {
            Some(identity) => T::WeightInfo::register_network_with_identity(networks, identity_bytes(identity)),
            None => T::WeightInfo::register_network(networks),
        };
        if Self::is_at_subnet_limit() {
            founding.saturating_add(T::WeightInfo::dissolve_network())
        } else {
            founding
        }
    }
}
