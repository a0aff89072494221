//! A subnet in upstream's older two forms, as `SubnetInfoRuntimeApi` answers them.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

use crate::types::SubnetIdentityV3;

/// Writes both forms: they share all fields but the name of one and the identity.
macro_rules! subnet_info {
    ($(#[$doc:meta])* $name:ident, $emission:ident $(, $identity:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
        pub struct $name<AccountId> {
            /// The subnet.
            pub netuid: Compact<u16>,
            /// Kept for clients.
            pub rho: Compact<u16>,
            /// Majority of the consensus, of 65535.
            pub kappa: Compact<u16>,
            /// Kept for clients.
            pub difficulty: Compact<u64>,
            /// Blocks in which a new neuron is not pruned.
            pub immunity_period: Compact<u16>,
            /// Most validators with a permit.
            pub max_allowed_validators: Compact<u16>,
            /// Least entries of a weight vector.
            pub min_allowed_weights: Compact<u16>,
            /// Without effect.
            pub max_weights_limit: Compact<u16>,
            /// Without effect.
            pub scaling_law_power: Compact<u16>,
            /// Number of neurons.
            pub subnetwork_n: Compact<u16>,
            /// Slots.
            pub max_allowed_uids: Compact<u16>,
            /// Blocks since the last epoch.
            pub blocks_since_last_step: Compact<u64>,
            /// Blocks between two epochs.
            pub tempo: Compact<u16>,
            /// Always 0.
            pub network_modality: Compact<u16>,
            /// Always empty.
            pub network_connect: Vec<[u16; 2]>,
            /// Always 0.
            pub $emission: Compact<u64>,
            /// Price of a registration.
            pub burn: Compact<u64>,
            /// Coldkey of the owner.
            pub owner: AccountId,
            $(
                /// Identity.
                pub $identity: Option<SubnetIdentityV3>,
            )?
        }
    };
}

subnet_info!(
    /// A subnet in the oldest form.
    SubnetInfo, emission_values
);
subnet_info!(
    /// A subnet with its identity.
    SubnetInfov2, emission_value, identity
);
