//! The calls.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod dispatches {
    /// The calls, at upstream's indexes with upstream's arguments. Fees: none for weights and serving, whose rate is limited.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the weights of mechanism 0; the signer is the hotkey.
        #[pallet::call_index(0)]
        #[pallet::weight((Weight::from_parts(1_500_000_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: u16,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            Self::do_set_weights(ensure_signed(origin)?, (netuid, 0), dests, weights, version_key)
        }

        /// Turns TAO of the signing coldkey into stake on `hotkey`, one to one.
        #[pallet::call_index(2)]
        #[pallet::weight((Weight::from_parts(340_800_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn add_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_staked: u64,
        ) -> DispatchResult {
            Self::do_add_stake(ensure_signed(origin)?, hotkey, netuid, amount_staked)
        }

        /// Turns stake of the signing coldkey on `hotkey` back into TAO, one to one.
        #[pallet::call_index(3)]
        #[pallet::weight((Weight::from_parts(196_800_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn remove_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_unstaked: u64,
        ) -> DispatchResult {
            Self::do_remove_stake(ensure_signed(origin)?, hotkey, netuid, amount_unstaked)
        }

        /// Publishes where the signing hotkey serves.
        #[pallet::call_index(4)]
        #[pallet::weight((Weight::from_parts(33_010_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn serve_axon(
            origin: OriginFor<T>,
            netuid: u16,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            let block = Self::current_block();
            let axon = AxonInfo { block, version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
            Self::do_serve_axon(hotkey, netuid, axon)
        }

        /// Registers `hotkey` on a subnet for the signing coldkey, which burns the price.
        #[pallet::call_index(7)]
        #[pallet::weight((Weight::from_parts(354_200_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn burned_register(origin: OriginFor<T>, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
            Self::do_burned_register(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Creates a subnet owned by the signing coldkey, with `hotkey` as its uid 0.
        #[pallet::call_index(59)]
        #[pallet::weight((Weight::from_parts(235_400_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_register_network(ensure_signed(origin)?, hotkey).map(|_| ())
        }

        /// Names a subnet; the signer is its owner.
        #[pallet::call_index(78)]
        #[pallet::weight((Weight::from_parts(24_350_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn set_subnet_identity(
            origin: OriginFor<T>,
            netuid: u16,
            subnet_name: Vec<u8>,
            github_repo: Vec<u8>,
            subnet_contact: Vec<u8>,
            subnet_url: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            logo_url: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            let identity = SubnetIdentityV3 {
                subnet_name,
                github_repo,
                subnet_contact,
                subnet_url,
                discord,
                description,
                logo_url,
                additional,
            };
            Self::do_set_subnet_identity(ensure_signed(origin)?, netuid, identity)
        }

        /// Starts the emission of a subnet with the next block; the signer is its owner.
        #[pallet::call_index(92)]
        #[pallet::weight((Weight::from_parts(92_600_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn start_call(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            Self::do_start_call(origin, netuid)
        }

        /// Sets the weights of one mechanism; the signer is the hotkey.
        #[pallet::call_index(119)]
        #[pallet::weight((Weight::from_parts(1_500_000_000, 0), DispatchClass::Normal, Pays::No))]
        pub fn set_mechanism_weights(
            origin: OriginFor<T>,
            netuid: u16,
            mecid: u8,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            Self::do_set_weights(ensure_signed(origin)?, (netuid, mecid), dests, weights, version_key)
        }
    }
}
