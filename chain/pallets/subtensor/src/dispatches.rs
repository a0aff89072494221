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
        #[pallet::weight((Pallet::<T>::founding_weight(), DispatchClass::Normal, Pays::Yes))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_register_network(ensure_signed(origin)?, hotkey).map(|_| ())
        }

        /// Dissolves a subnet; Root only, as upstream. Whose it is does not matter.
        #[pallet::call_index(61)]
        #[pallet::weight((DISSOLVING_WEIGHT, DispatchClass::Normal, Pays::Yes))]
        pub fn dissolve_network(origin: OriginFor<T>, coldkey: T::AccountId, netuid: u16) -> DispatchResult {
            ensure_root(origin)?;
            let _ = coldkey;
            Self::do_dissolve_network(netuid)
        }

        /// Lowers the take of `hotkey`; the signer owns it.
        #[pallet::call_index(65)]
        #[pallet::weight((Weight::from_parts(29_550_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn decrease_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            Self::do_decrease_take(ensure_signed(origin)?, hotkey, take)
        }

        /// Raises the take of `hotkey`; the signer owns it.
        #[pallet::call_index(66)]
        #[pallet::weight((Weight::from_parts(29_550_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn increase_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            Self::do_increase_take(ensure_signed(origin)?, hotkey, take)
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

        /// Moves stake of the signing coldkey to another hotkey or subnet.
        #[pallet::call_index(85)]
        #[pallet::weight((Weight::from_parts(340_800_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn move_stake(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: u16,
            destination_netuid: u16,
            alpha_amount: u64,
        ) -> DispatchResult {
            let (from, to) = ((origin_hotkey, origin_netuid), (destination_hotkey, destination_netuid));
            Self::do_move_stake(ensure_signed(origin)?, from, to, alpha_amount)
        }

        /// Gives stake of the signing coldkey on `hotkey` to another coldkey.
        #[pallet::call_index(86)]
        #[pallet::weight((Weight::from_parts(340_800_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn transfer_stake(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            hotkey: T::AccountId,
            origin_netuid: u16,
            destination_netuid: u16,
            alpha_amount: u64,
        ) -> DispatchResult {
            let (coldkeys, netuids) =
                ((ensure_signed(origin)?, destination_coldkey), (origin_netuid, destination_netuid));
            Self::do_transfer_stake(coldkeys, hotkey, netuids, alpha_amount)
        }

        /// Moves stake of the signing coldkey on `hotkey` to another subnet.
        #[pallet::call_index(87)]
        #[pallet::weight((Weight::from_parts(340_800_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn swap_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: u16,
            destination_netuid: u16,
            alpha_amount: u64,
        ) -> DispatchResult {
            Self::do_swap_stake(ensure_signed(origin)?, hotkey, (origin_netuid, destination_netuid), alpha_amount)
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

        /// Dissolves a subnet; Root only.
        #[pallet::call_index(120)]
        #[pallet::weight((DISSOLVING_WEIGHT, DispatchClass::Normal, Pays::Yes))]
        pub fn root_dissolve_network(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_dissolve_network(netuid)
        }

        /// Sets the tempo and lets the cycle begin now; the signer owns the subnet.
        #[pallet::call_index(139)]
        #[pallet::weight((Weight::from_parts(33_010_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn set_tempo(origin: OriginFor<T>, netuid: u16, tempo: u16) -> DispatchResult {
            Self::do_set_tempo(origin, netuid, tempo)
        }

        /// Sets the activity cutoff in thousandths of a tempo; the signer owns the subnet, or it is Root.
        #[pallet::call_index(140)]
        #[pallet::weight((Weight::from_parts(33_010_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn set_activity_cutoff_factor(origin: OriginFor<T>, netuid: u16, factor_milli: u32) -> DispatchResult {
            Self::do_set_activity_cutoff_factor(origin, netuid, factor_milli)
        }

        /// Lets an epoch run `AdminFreezeWindow` blocks from now; the signer owns the subnet.
        #[pallet::call_index(141)]
        #[pallet::weight((Weight::from_parts(33_010_000, 0), DispatchClass::Normal, Pays::Yes))]
        pub fn trigger_epoch(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            Self::do_trigger_epoch(origin, netuid)
        }
    }
}
