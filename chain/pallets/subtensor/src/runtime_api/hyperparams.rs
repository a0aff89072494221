//! Hyperparameters of a subnet in three forms, as `SubnetInfoRuntimeApi` answers them.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

use crate::types::{I32F32, U64F64};

/// Writes the two struct forms: the second has the fields of the first and more.
macro_rules! hyperparams {
    ($($field:ident: $kind:ty),*; $($more:ident: $more_kind:ty),*) => {
        /// Hyperparameters in the oldest form; fields are named as upstream's.
        #[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
        #[allow(missing_docs)]
        pub struct SubnetHyperparams {
            $(pub $field: $kind,)*
        }

        /// Hyperparameters in the second form; fields are named as upstream's.
        #[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
        #[allow(missing_docs)]
        pub struct SubnetHyperparamsV2 {
            $(pub $field: $kind,)*
            $(pub $more: $more_kind,)*
        }

        impl From<SubnetHyperparamsV2> for SubnetHyperparams {
            fn from(newer: SubnetHyperparamsV2) -> Self {
                Self { $($field: newer.$field,)* }
            }
        }
    };
}

hyperparams! {
    rho: Compact<u16>,
    kappa: Compact<u16>,
    immunity_period: Compact<u16>,
    min_allowed_weights: Compact<u16>,
    max_weights_limit: Compact<u16>,
    tempo: Compact<u16>,
    min_difficulty: Compact<u64>,
    max_difficulty: Compact<u64>,
    weights_version: Compact<u64>,
    weights_rate_limit: Compact<u64>,
    adjustment_interval: Compact<u16>,
    activity_cutoff: Compact<u64>,
    registration_allowed: bool,
    target_regs_per_interval: Compact<u16>,
    min_burn: Compact<u64>,
    max_burn: Compact<u64>,
    bonds_moving_avg: Compact<u64>,
    max_regs_per_block: Compact<u16>,
    serving_rate_limit: Compact<u64>,
    max_validators: Compact<u16>,
    adjustment_alpha: Compact<u64>,
    difficulty: Compact<u64>,
    commit_reveal_period: Compact<u64>,
    commit_reveal_weights_enabled: bool,
    alpha_high: Compact<u16>,
    alpha_low: Compact<u16>,
    liquid_alpha_enabled: bool;
    alpha_sigmoid_steepness: I32F32,
    yuma_version: Compact<u16>,
    subnet_is_active: bool,
    transfers_enabled: bool,
    bonds_reset_enabled: bool,
    user_liquidity_enabled: bool
}

/// A value of any hyperparameter.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum HyperparamValue {
    /// A switch.
    Bool(bool),
    /// A count or a share of 65535.
    U16(Compact<u16>),
    /// A count.
    U32(Compact<u32>),
    /// A count.
    U64(Compact<u64>),
    /// A count.
    U128(Compact<u128>),
    /// Rao.
    TaoBalance(Compact<u64>),
    /// A signed fixed-point number.
    I32F32(I32F32),
    /// An unsigned fixed-point number.
    U64F64(U64F64),
}

/// A hyperparameter by its name.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct HyperparamEntry {
    /// Name in ASCII.
    pub name: Vec<u8>,
    /// Value.
    pub value: HyperparamValue,
}
