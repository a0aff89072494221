//! The first state.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod genesis {
    /// The first state; in JSON camelCase under "subtensorModule".
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Whether axons at 127.0.0.1 are accepted: localnets only.
        pub allow_loopback_axon: bool,
        /// Blocks between two epochs of a new subnet; left out, upstream's 360, as with every value below.
        pub default_tempo: Option<u16>,
        /// Blocks in which a new neuron is not pruned, on new subnets and on those of this genesis.
        pub default_immunity_period: Option<u16>,
        /// Price of the first registration on a new subnet, in rao.
        pub default_burn: Option<u64>,
        /// Blocks between two weight vectors of one neuron of a new subnet.
        pub default_weights_set_rate_limit: Option<u64>,
        /// Blocks between two `serve_axon` of one neuron of a new subnet.
        pub default_serving_rate_limit: Option<u64>,
        /// Blocks between two `register_network`, chain-wide.
        pub network_rate_limit: Option<u64>,
        /// Least TAO that registers a subnet, in rao.
        pub network_min_lock_cost: Option<u64>,
        /// Blocks between `register_network` and `start_call`.
        pub start_call_delay: Option<u64>,
        /// Blocks in which a new subnet is not dissolved for another one.
        pub network_immunity_period: Option<u64>,
        /// Blocks before an epoch in which parameters are frozen; 0 with subnets of this genesis, if left out.
        pub admin_freeze_window: Option<u16>,
        /// Tempos between two changes of one hyperparameter by the owner.
        pub owner_hyperparam_rate_limit: Option<u16>,
        /// Subnets that exist and emit from block 1 on.
        pub networks: Vec<GenesisNetwork<T::AccountId>>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            AllowLoopbackAxon::<T>::put(self.allow_loopback_axon);
            Pallet::<T>::build_root();
            Pallet::<T>::build_defaults(self);
            for network in &self.networks {
                Pallet::<T>::build_network(network);
            }
            if !self.networks.is_empty() && self.admin_freeze_window.is_none() {
                AdminFreezeWindow::<T>::put(0);
            }
            Pallet::<T>::refresh_total_issuance();
        }
    }
}
