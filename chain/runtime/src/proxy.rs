//! Proxy types, which let a coldkey stay offline.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::InstanceFilter;
use pallet_subtensor::Call as Subtensor;
use scale_info::TypeInfo;

use crate::RuntimeCall;

/// What a proxy may do; upstream's indexes, those that this runtime has calls for.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    DecodeWithMemTracking,
    Default,
    Encode,
    Eq,
    MaxEncodedLen,
    Ord,
    PartialEq,
    PartialOrd,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    #[codec(index = 0)]
    Any,
    /// Acts of a subnet's owner.
    #[codec(index = 1)]
    Owner,
    /// Stake.
    #[codec(index = 8)]
    Staking,
    /// Registration of neurons.
    #[codec(index = 9)]
    Registration,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        let RuntimeCall::SubtensorModule(call) = call else { return matches!(self, Self::Any) };
        match self {
            Self::Any => true,
            Self::Owner => matches!(call, Subtensor::start_call { .. } | Subtensor::set_subnet_identity { .. }),
            Self::Staking => matches!(call, Subtensor::add_stake { .. } | Subtensor::remove_stake { .. }),
            Self::Registration => matches!(call, Subtensor::burned_register { .. }),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        self == other || matches!(self, Self::Any)
    }
}
