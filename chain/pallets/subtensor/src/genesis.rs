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
        /// Subnets that exist and emit from block 1 on.
        pub networks: Vec<GenesisNetwork<T::AccountId>>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            AllowLoopbackAxon::<T>::put(self.allow_loopback_axon);
            for network in &self.networks {
                Pallet::<T>::build_network(network);
            }
            if !self.networks.is_empty() {
                AdminFreezeWindow::<T>::put(0);
            }
            Pallet::<T>::refresh_total_issuance();
        }
    }
}
