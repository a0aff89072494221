//! The calls.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod dispatches {
    /// The calls, at upstream's indexes with upstream's arguments. Fees: none for weights and serving, whose rate is limited.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the weights of mechanism 0; the signer is the hotkey.
        #[pallet::call_index(0)]
        #[pallet::weight((T::WeightInfo::set_weights(length(dests)), DispatchClass::Normal, Pays::No))]
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
        #[pallet::weight((T::WeightInfo::add_stake(), DispatchClass::Normal, Pays::Yes))]
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
        #[pallet::weight((T::WeightInfo::remove_stake(Pallet::<T>::network_count()), DispatchClass::Normal, Pays::Yes))]
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
        #[pallet::weight((T::WeightInfo::serve_axon(), DispatchClass::Normal, Pays::No))]
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
            Self::do_serve_axon(hotkey, netuid, axon, None)
        }

        /// Publishes where the signing hotkey serves metrics.
        #[pallet::call_index(5)]
        #[pallet::weight((T::WeightInfo::serve_prometheus(), DispatchClass::Normal, Pays::No))]
        pub fn serve_prometheus(
            origin: OriginFor<T>,
            netuid: u16,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            let info = PrometheusInfo { block: Self::current_block(), version, ip, port, ip_type };
            Self::do_serve_prometheus(hotkey, netuid, info)
        }

        /// Registers `hotkey` as `burned_register` does: no work is asked for, and the signer is the coldkey.
        #[pallet::call_index(6)]
        #[pallet::weight((T::WeightInfo::register(), DispatchClass::Normal, Pays::Yes))]
        pub fn register(
            origin: OriginFor<T>,
            netuid: u16,
            _block_number: u64,
            _nonce: u64,
            _work: Vec<u8>,
            hotkey: T::AccountId,
            _coldkey: T::AccountId,
        ) -> DispatchResult {
            Self::do_burned_register(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Registers `hotkey` on a subnet for the signing coldkey, which burns the price.
        #[pallet::call_index(7)]
        #[pallet::weight((T::WeightInfo::burned_register(), DispatchClass::Normal, Pays::Yes))]
        pub fn burned_register(origin: OriginFor<T>, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
            Self::do_burned_register(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Publishes where the signing hotkey serves, and its TLS key.
        #[pallet::call_index(40)]
        #[pallet::weight((T::WeightInfo::serve_axon_tls(length(certificate)), DispatchClass::Normal, Pays::No))]
        pub fn serve_axon_tls(
            origin: OriginFor<T>,
            netuid: u16,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
            certificate: Vec<u8>,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            let block = Self::current_block();
            let axon = AxonInfo { block, version, ip, port, ip_type, protocol, placeholder1, placeholder2 };
            Self::do_serve_axon(hotkey, netuid, axon, Some(&certificate))
        }

        /// Creates a subnet owned by the signing coldkey, with `hotkey` as its uid 0.
        #[pallet::call_index(59)]
        #[pallet::weight((Pallet::<T>::founding_weight(None), DispatchClass::Normal, Pays::Yes))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_register_network(ensure_signed(origin)?, hotkey, None).map(|_| ())
        }

        /// Dissolves a subnet; Root only, as upstream. Whose it is does not matter.
        #[pallet::call_index(61)]
        #[pallet::weight((T::WeightInfo::dissolve_network(), DispatchClass::Normal, Pays::Yes))]
        pub fn dissolve_network(origin: OriginFor<T>, coldkey: T::AccountId, netuid: u16) -> DispatchResult {
            ensure_root(origin)?;
            let _ = coldkey;
            Self::do_dissolve_network(netuid)
        }

        /// Registers `hotkey` on the root network for the signing coldkey.
        #[pallet::call_index(62)]
        #[pallet::weight((T::WeightInfo::root_register(), DispatchClass::Normal, Pays::Yes))]
        pub fn root_register(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_root_register(ensure_signed(origin)?, hotkey)
        }

        /// Lowers the take of `hotkey`; the signer owns it.
        #[pallet::call_index(65)]
        #[pallet::weight((T::WeightInfo::decrease_take(), DispatchClass::Normal, Pays::Yes))]
        pub fn decrease_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            Self::do_decrease_take(ensure_signed(origin)?, hotkey, take)
        }

        /// Raises the take of `hotkey`; the signer owns it.
        #[pallet::call_index(66)]
        #[pallet::weight((T::WeightInfo::increase_take(), DispatchClass::Normal, Pays::Yes))]
        pub fn increase_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            Self::do_increase_take(ensure_signed(origin)?, hotkey, take)
        }

        /// Names the children of `hotkey` on a subnet, with their parts of its stake; the signer owns it.
        #[pallet::call_index(67)]
        #[pallet::weight((
            T::WeightInfo::set_children(length(children), Pallet::<T>::network_count()),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn set_children(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            children: Vec<(u64, T::AccountId)>,
        ) -> DispatchResult {
            Self::do_set_children(ensure_signed(origin)?, hotkey, netuid, children)
        }

        /// Names the signing coldkey.
        #[pallet::call_index(68)]
        #[pallet::weight((
            T::WeightInfo::set_identity(bytes(&[name, url, github_repo, image, discord, description, additional])),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn set_identity(
            origin: OriginFor<T>,
            name: Vec<u8>,
            url: Vec<u8>,
            github_repo: Vec<u8>,
            image: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            let identity = ChainIdentityV2 { name, url, github_repo, image, discord, description, additional };
            Self::do_set_identity(ensure_signed(origin)?, identity)
        }

        /// Puts another hotkey in the place of `hotkey` on one network or on all; the signer owns it.
        #[pallet::call_index(70)]
        #[pallet::weight((Pallet::<T>::swap_weight(*netuid), DispatchClass::Normal, Pays::Yes))]
        pub fn swap_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: Option<u16>,
        ) -> DispatchResult {
            Self::do_swap_hotkey(ensure_signed(origin)?, hotkey, new_hotkey, netuid)
        }

        /// Sets what `hotkey` keeps of its parents' dividends; the signer owns it.
        #[pallet::call_index(75)]
        #[pallet::weight((T::WeightInfo::set_childkey_take(), DispatchClass::Normal, Pays::Yes))]
        pub fn set_childkey_take(origin: OriginFor<T>, hotkey: T::AccountId, netuid: u16, take: u16) -> DispatchResult {
            Self::do_set_childkey_take(ensure_signed(origin)?, hotkey, netuid, take)
        }

        /// Names a subnet; the signer is its owner.
        #[pallet::call_index(78)]
        #[pallet::weight((
            T::WeightInfo::set_subnet_identity(bytes(&[
                subnet_name,
                github_repo,
                subnet_contact,
                subnet_url,
                discord,
                description,
                logo_url,
                additional,
            ])),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
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

        /// Creates a subnet as `register_network` does, and names it.
        #[pallet::call_index(79)]
        #[pallet::weight((Pallet::<T>::founding_weight(identity.as_ref()), DispatchClass::Normal, Pays::Yes))]
        pub fn register_network_with_identity(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            identity: Option<SubnetIdentityV3>,
        ) -> DispatchResult {
            Self::do_register_network(ensure_signed(origin)?, hotkey, identity).map(|_| ())
        }

        /// Sets weights on several subnets, each as (uid, weight); one that is refused does not stop the others.
        #[pallet::call_index(80)]
        #[pallet::weight((T::WeightInfo::batch_set_weights(length(netuids)), DispatchClass::Normal, Pays::No))]
        pub fn batch_set_weights(
            origin: OriginFor<T>,
            netuids: Vec<codec::Compact<u16>>,
            weights: Vec<Vec<(codec::Compact<u16>, codec::Compact<u16>)>>,
            version_keys: Vec<codec::Compact<u64>>,
        ) -> DispatchResult {
            Self::do_batch_set_weights(ensure_signed(origin)?, netuids, weights, version_keys)
        }

        /// Takes out all stake of the signing coldkey on `hotkey` that can be paid now.
        #[pallet::call_index(83)]
        #[pallet::weight((T::WeightInfo::unstake_all(Pallet::<T>::network_count()), DispatchClass::Normal, Pays::Yes))]
        pub fn unstake_all(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_unstake_all(ensure_signed(origin)?, hotkey)
        }

        /// Takes out the same of all subnets and stakes it on the root network.
        #[pallet::call_index(84)]
        #[pallet::weight((
            T::WeightInfo::unstake_all_alpha(Pallet::<T>::network_count()),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn unstake_all_alpha(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::do_unstake_all_alpha(ensure_signed(origin)?, hotkey)
        }

        /// Moves stake of the signing coldkey to another hotkey or subnet.
        #[pallet::call_index(85)]
        #[pallet::weight((T::WeightInfo::move_stake(), DispatchClass::Normal, Pays::Yes))]
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
        #[pallet::weight((T::WeightInfo::transfer_stake(), DispatchClass::Normal, Pays::Yes))]
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
        #[pallet::weight((T::WeightInfo::swap_stake(), DispatchClass::Normal, Pays::Yes))]
        pub fn swap_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: u16,
            destination_netuid: u16,
            alpha_amount: u64,
        ) -> DispatchResult {
            Self::do_swap_stake(ensure_signed(origin)?, hotkey, (origin_netuid, destination_netuid), alpha_amount)
        }

        /// Stakes as `add_stake` does, if an alpha may cost 1 TAO.
        #[pallet::call_index(88)]
        #[pallet::weight((T::WeightInfo::add_stake_limit(), DispatchClass::Normal, Pays::Yes))]
        pub fn add_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_staked: u64,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResult {
            let limit = (limit_price, allow_partial);
            Self::do_add_stake_limit(ensure_signed(origin)?, hotkey, netuid, amount_staked, limit)
        }

        /// Takes stake out as `remove_stake` does, if an alpha may give no more than 1 TAO.
        #[pallet::call_index(89)]
        #[pallet::weight((
            T::WeightInfo::remove_stake_limit(Pallet::<T>::network_count()),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn remove_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            amount_unstaked: u64,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResult {
            let limit = (limit_price, allow_partial);
            Self::do_remove_stake_limit(ensure_signed(origin)?, hotkey, netuid, amount_unstaked, limit)
        }

        /// Moves stake as `swap_stake` does, if an alpha may give no more than one.
        #[pallet::call_index(90)]
        #[pallet::weight((T::WeightInfo::swap_stake_limit(), DispatchClass::Normal, Pays::Yes))]
        pub fn swap_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: u16,
            destination_netuid: u16,
            alpha_amount: u64,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResult {
            let (netuids, limit) = ((origin_netuid, destination_netuid), (limit_price, allow_partial));
            Self::do_swap_stake_limit(ensure_signed(origin)?, hotkey, netuids, alpha_amount, limit)
        }

        /// Makes the signing coldkey the owner of a hotkey that has none.
        #[pallet::call_index(91)]
        #[pallet::weight((T::WeightInfo::try_associate_hotkey(), DispatchClass::Normal, Pays::Yes))]
        pub fn try_associate_hotkey(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            Self::associate(&ensure_signed(origin)?, &hotkey)
        }

        /// Starts the emission of a subnet with the next block; the signer is its owner.
        #[pallet::call_index(92)]
        #[pallet::weight((T::WeightInfo::start_call(), DispatchClass::Normal, Pays::Yes))]
        pub fn start_call(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            Self::do_start_call(origin, netuid)
        }

        /// Commits to weights of mechanism 0 by their hash; the signer is the hotkey.
        #[pallet::call_index(96)]
        #[pallet::weight((T::WeightInfo::commit_weights(), DispatchClass::Normal, Pays::No))]
        pub fn commit_weights(origin: OriginFor<T>, netuid: u16, commit_hash: T::Hash) -> DispatchResult {
            Self::do_commit_weights(ensure_signed(origin)?, (netuid, 0), commit_hash)
        }

        /// Sets the committed weights of mechanism 0.
        #[pallet::call_index(97)]
        #[pallet::weight((T::WeightInfo::reveal_weights(length(uids), length(salt)), DispatchClass::Normal, Pays::No))]
        pub fn reveal_weights(
            origin: OriginFor<T>,
            netuid: u16,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            Self::do_reveal_weights(ensure_signed(origin)?, (netuid, 0), (&uids, &values, &salt, version_key))
        }

        /// Sets several committed weights of mechanism 0, one after another.
        #[pallet::call_index(98)]
        #[pallet::weight((
            T::WeightInfo::batch_reveal_weights(length(uids_list), total(salts_list)),
            DispatchClass::Normal,
            Pays::No,
        ))]
        pub fn batch_reveal_weights(
            origin: OriginFor<T>,
            netuid: u16,
            uids_list: Vec<Vec<u16>>,
            values_list: Vec<Vec<u16>>,
            salts_list: Vec<Vec<u16>>,
            version_keys: Vec<u64>,
        ) -> DispatchResult {
            let reveals = zip_reveals(&uids_list, &values_list, &salts_list, &version_keys);
            let reveals = reveals.ok_or(Error::<T>::InputLengthsUnequal)?;
            Self::do_batch_reveal_weights(ensure_signed(origin)?, netuid, &reveals)
        }

        /// Commits to weights on several subnets; one that is refused does not stop the others.
        #[pallet::call_index(100)]
        #[pallet::weight((T::WeightInfo::batch_commit_weights(length(netuids)), DispatchClass::Normal, Pays::No))]
        pub fn batch_commit_weights(
            origin: OriginFor<T>,
            netuids: Vec<codec::Compact<u16>>,
            commit_hashes: Vec<T::Hash>,
        ) -> DispatchResult {
            Self::do_batch_commit_weights(ensure_signed(origin)?, netuids, commit_hashes)
        }

        /// Gives up alpha of the signing coldkey on `hotkey`.
        #[pallet::call_index(101)]
        #[pallet::weight((T::WeightInfo::recycle_alpha(), DispatchClass::Normal, Pays::Yes))]
        pub fn recycle_alpha(origin: OriginFor<T>, hotkey: T::AccountId, amount: u64, netuid: u16) -> DispatchResult {
            Self::do_recycle_alpha(ensure_signed(origin)?, hotkey, amount, netuid)
        }

        /// Gives up alpha of the signing coldkey on `hotkey`.
        #[pallet::call_index(102)]
        #[pallet::weight((T::WeightInfo::burn_alpha(), DispatchClass::Normal, Pays::Yes))]
        pub fn burn_alpha(origin: OriginFor<T>, hotkey: T::AccountId, amount: u64, netuid: u16) -> DispatchResult {
            Self::do_burn_alpha(ensure_signed(origin)?, hotkey, amount, netuid)
        }

        /// Takes out all of a position that can be paid now, if an alpha may give no more than 1 TAO.
        #[pallet::call_index(103)]
        #[pallet::weight((
            T::WeightInfo::remove_stake_full_limit(Pallet::<T>::network_count()),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn remove_stake_full_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: u16,
            limit_price: Option<u64>,
        ) -> DispatchResult {
            Self::do_remove_stake_full_limit(ensure_signed(origin)?, hotkey, netuid, limit_price)
        }

        /// Gives a subnet another symbol; the origin is its owner or Root.
        #[pallet::call_index(112)]
        #[pallet::weight((
            T::WeightInfo::update_symbol(Pallet::<T>::network_count()),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn update_symbol(origin: OriginFor<T>, netuid: u16, symbol: Vec<u8>) -> DispatchResult {
            Self::do_update_symbol(origin, netuid, symbol)
        }

        /// Commits to weights of mechanism 0 that are encrypted to a round of the beacon; the signer is the hotkey.
        #[pallet::call_index(113)]
        #[pallet::weight((
            T::WeightInfo::commit_timelocked_weights(length(commit), Pallet::<T>::queue_length(*netuid, 0)),
            DispatchClass::Normal,
            Pays::No,
        ))]
        pub fn commit_timelocked_weights(
            origin: OriginFor<T>,
            netuid: u16,
            commit: Ciphertext,
            reveal_round: u64,
            commit_reveal_version: u16,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_commit_timelocked(who, (netuid, 0), commit, reveal_round, commit_reveal_version)
        }

        /// Stakes what the signing coldkey's miners will earn on `hotkey`.
        #[pallet::call_index(114)]
        #[pallet::weight((T::WeightInfo::set_coldkey_auto_stake_hotkey(), DispatchClass::Normal, Pays::Yes))]
        pub fn set_coldkey_auto_stake_hotkey(
            origin: OriginFor<T>,
            netuid: u16,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            Self::do_set_auto_stake(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Commits to weights of one mechanism by their hash; the signer is the hotkey.
        #[pallet::call_index(115)]
        #[pallet::weight((T::WeightInfo::commit_mechanism_weights(), DispatchClass::Normal, Pays::No))]
        pub fn commit_mechanism_weights(
            origin: OriginFor<T>,
            netuid: u16,
            mecid: u8,
            commit_hash: T::Hash,
        ) -> DispatchResult {
            Self::do_commit_weights(ensure_signed(origin)?, (netuid, mecid), commit_hash)
        }

        /// Sets the committed weights of one mechanism.
        #[pallet::call_index(116)]
        #[pallet::weight((
            T::WeightInfo::reveal_mechanism_weights(length(uids), length(salt)),
            DispatchClass::Normal,
            Pays::No,
        ))]
        pub fn reveal_mechanism_weights(
            origin: OriginFor<T>,
            netuid: u16,
            mecid: u8,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            Self::do_reveal_weights(ensure_signed(origin)?, (netuid, mecid), (&uids, &values, &salt, version_key))
        }

        /// `commit_timelocked_mechanism_weights` with version 4.
        #[pallet::call_index(117)]
        #[pallet::weight((
            T::WeightInfo::commit_crv3_mechanism_weights(length(commit), Pallet::<T>::queue_length(*netuid, *mecid)),
            DispatchClass::Normal,
            Pays::No,
        ))]
        pub fn commit_crv3_mechanism_weights(
            origin: OriginFor<T>,
            netuid: u16,
            mecid: u8,
            commit: Ciphertext,
            reveal_round: u64,
        ) -> DispatchResult {
            Self::do_commit_timelocked(ensure_signed(origin)?, (netuid, mecid), commit, reveal_round, 4)
        }

        /// Commits to weights of one mechanism that are encrypted to a round of the beacon.
        #[pallet::call_index(118)]
        #[pallet::weight((
            T::WeightInfo::commit_timelocked_mechanism_weights(length(commit), Pallet::<T>::queue_length(*netuid, *mecid)),
            DispatchClass::Normal,
            Pays::No,
        ))]
        pub fn commit_timelocked_mechanism_weights(
            origin: OriginFor<T>,
            netuid: u16,
            mecid: u8,
            commit: Ciphertext,
            reveal_round: u64,
            commit_reveal_version: u16,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_commit_timelocked(who, (netuid, mecid), commit, reveal_round, commit_reveal_version)
        }

        /// Sets the weights of one mechanism; the signer is the hotkey.
        #[pallet::call_index(119)]
        #[pallet::weight((T::WeightInfo::set_mechanism_weights(length(dests)), DispatchClass::Normal, Pays::No))]
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
        #[pallet::weight((T::WeightInfo::root_dissolve_network(), DispatchClass::Normal, Pays::Yes))]
        pub fn root_dissolve_network(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            ensure_root(origin)?;
            Self::do_dissolve_network(netuid)
        }

        /// Claims root dividends of the signing coldkey.
        #[pallet::call_index(121)]
        #[pallet::weight((
            T::WeightInfo::claim_root(claimed(subnets)),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn claim_root(origin: OriginFor<T>, subnets: BTreeSet<u16>) -> DispatchResult {
            Self::do_claim_root(ensure_signed(origin)?, &subnets)
        }

        /// Says what should become of the signing coldkey's root dividends.
        #[pallet::call_index(122)]
        #[pallet::weight((
            T::WeightInfo::set_root_claim_type(kept(new_root_claim_type)),
            DispatchClass::Normal,
            Pays::Yes,
        ))]
        pub fn set_root_claim_type(origin: OriginFor<T>, new_root_claim_type: RootClaimTypeEnum) -> DispatchResult {
            Self::do_set_root_claim_type(ensure_signed(origin)?, new_root_claim_type)
        }

        /// Registers `hotkey` as `burned_register` does, if that costs no more than the limit.
        #[pallet::call_index(134)]
        #[pallet::weight((T::WeightInfo::register_limit(), DispatchClass::Normal, Pays::Yes))]
        pub fn register_limit(
            origin: OriginFor<T>,
            netuid: u16,
            hotkey: T::AccountId,
            limit_price: u64,
        ) -> DispatchResult {
            Self::do_register_limit(ensure_signed(origin)?, netuid, hotkey, limit_price)
        }

        /// Sets the tempo and lets the cycle begin now; the signer owns the subnet.
        #[pallet::call_index(139)]
        #[pallet::weight((T::WeightInfo::set_tempo(), DispatchClass::Normal, Pays::Yes))]
        pub fn set_tempo(origin: OriginFor<T>, netuid: u16, tempo: u16) -> DispatchResult {
            Self::do_set_tempo(origin, netuid, tempo)
        }

        /// Sets the activity cutoff in thousandths of a tempo; the signer owns the subnet, or it is Root.
        #[pallet::call_index(140)]
        #[pallet::weight((T::WeightInfo::set_activity_cutoff_factor(), DispatchClass::Normal, Pays::Yes))]
        pub fn set_activity_cutoff_factor(origin: OriginFor<T>, netuid: u16, factor_milli: u32) -> DispatchResult {
            Self::do_set_activity_cutoff_factor(origin, netuid, factor_milli)
        }

        /// Lets an epoch run `AdminFreezeWindow` blocks from now; the signer owns the subnet.
        #[pallet::call_index(141)]
        #[pallet::weight((T::WeightInfo::trigger_epoch(), DispatchClass::Normal, Pays::Yes))]
        pub fn trigger_epoch(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
            Self::do_trigger_epoch(origin, netuid)
        }
    }
}
