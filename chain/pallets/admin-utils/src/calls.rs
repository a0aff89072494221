//! The calls.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
    /// The calls, at upstream's indexes with upstream's arguments. All pay a fee.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Highest take of delegates. Root.
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_default_take())]
        pub fn sudo_set_default_take(origin: OriginFor<T>, default_take: u16) -> DispatchResult {
            Self::put_default_take(origin, default_take)
        }

        /// Stored for clients. Root.
        #[pallet::call_index(2)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_tx_rate_limit())]
        pub fn sudo_set_tx_rate_limit(origin: OriginFor<T>, tx_rate_limit: u64) -> DispatchResult {
            Self::put_tx_rate_limit(origin, tx_rate_limit)
        }

        /// Blocks between two axons of a neuron. The owner, or Root.
        #[pallet::call_index(3)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_serving_rate_limit())]
        pub fn sudo_set_serving_rate_limit(
            origin: OriginFor<T>,
            netuid: u16,
            serving_rate_limit: u64,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::ServingRateLimit), |_| {
                Self::set_serving_rate_limit(netuid, serving_rate_limit)
            })
        }

        /// Stored for clients. Root.
        #[pallet::call_index(4)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_difficulty())]
        pub fn sudo_set_min_difficulty(origin: OriginFor<T>, netuid: u16, min_difficulty: u64) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || Self::set_min_difficulty(netuid, min_difficulty))
        }

        /// Stored for clients. The owner, or Root.
        #[pallet::call_index(5)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_difficulty())]
        pub fn sudo_set_max_difficulty(origin: OriginFor<T>, netuid: u16, max_difficulty: u64) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MaxDifficulty), |_| {
                Self::set_max_difficulty(netuid, max_difficulty)
            })
        }

        /// Least version key of a weight vector. The owner, or Root.
        #[pallet::call_index(6)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_weights_version_key())]
        pub fn sudo_set_weights_version_key(
            origin: OriginFor<T>,
            netuid: u16,
            weights_version_key: u64,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::WeightsVersionKey, |_| {
                Self::set_weights_version_key(netuid, weights_version_key)
            })
        }

        /// Blocks between two weight vectors of a neuron. Root, at any time.
        #[pallet::call_index(7)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_weights_set_rate_limit())]
        pub fn sudo_set_weights_set_rate_limit(
            origin: OriginFor<T>,
            netuid: u16,
            weights_set_rate_limit: u64,
        ) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_weights_rate_limit(netuid, weights_set_rate_limit))
        }

        /// Stored for clients. Root, at any time.
        #[pallet::call_index(8)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_adjustment_interval())]
        pub fn sudo_set_adjustment_interval(
            origin: OriginFor<T>,
            netuid: u16,
            adjustment_interval: u16,
        ) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_adjustment_interval(netuid, adjustment_interval))
        }

        /// Stored for clients. The owner, or Root.
        #[pallet::call_index(9)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_adjustment_alpha())]
        pub fn sudo_set_adjustment_alpha(origin: OriginFor<T>, netuid: u16, adjustment_alpha: u64) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::AdjustmentAlpha), |_| {
                Self::set_adjustment_alpha(netuid, adjustment_alpha)
            })
        }

        /// Blocks in which a new neuron is not pruned. The owner, or Root.
        #[pallet::call_index(13)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_immunity_period())]
        pub fn sudo_set_immunity_period(origin: OriginFor<T>, netuid: u16, immunity_period: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::ImmunityPeriod), |_| {
                Self::set_immunity_period(netuid, immunity_period)
            })
        }

        /// Least entries of a weight vector. The owner, or Root.
        #[pallet::call_index(14)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_allowed_weights())]
        pub fn sudo_set_min_allowed_weights(
            origin: OriginFor<T>,
            netuid: u16,
            min_allowed_weights: u16,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MinAllowedWeights), |_| {
                Self::set_min_allowed_weights(netuid, min_allowed_weights)
            })
        }

        /// Slots. The owner, or Root.
        #[pallet::call_index(15)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_allowed_uids())]
        pub fn sudo_set_max_allowed_uids(origin: OriginFor<T>, netuid: u16, max_allowed_uids: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MaxAllowedUids), |_| {
                Self::set_max_allowed_uids(netuid, max_allowed_uids)
            })
        }

        /// Majority of the consensus, of 65535. Root, at any time.
        #[pallet::call_index(16)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_kappa())]
        pub fn sudo_set_kappa(origin: OriginFor<T>, netuid: u16, kappa: u16) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_kappa(netuid, kappa))
        }

        /// Stored for clients. The owner, or Root.
        #[pallet::call_index(17)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_rho())]
        pub fn sudo_set_rho(origin: OriginFor<T>, netuid: u16, rho: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::Rho), |_| Self::set_rho(netuid, rho))
        }

        /// Superseded by `set_activity_cutoff_factor`. The owner, or Root.
        #[pallet::call_index(18)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_activity_cutoff())]
        pub fn sudo_set_activity_cutoff(origin: OriginFor<T>, netuid: u16, activity_cutoff: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::ActivityCutoff), |_| {
                Self::set_activity_cutoff(netuid, activity_cutoff)
            })
        }

        /// Whether neurons may register. Root, at any time.
        #[pallet::call_index(19)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_network_registration_allowed())]
        pub fn sudo_set_network_registration_allowed(
            origin: OriginFor<T>,
            netuid: u16,
            registration_allowed: bool,
        ) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_registration_allowed(netuid, registration_allowed))
        }

        /// Always refused: there is no proof of work.
        #[pallet::call_index(20)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_network_pow_registration_allowed())]
        pub fn sudo_set_network_pow_registration_allowed(
            origin: OriginFor<T>,
            netuid: u16,
            registration_allowed: bool,
        ) -> DispatchResult {
            ensure_signed_or_root(origin)?;
            let _ = (netuid, registration_allowed);
            Err(Error::<T>::POWRegistrationDisabled.into())
        }

        /// Stored for clients. Root.
        #[pallet::call_index(21)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_target_registrations_per_interval())]
        pub fn sudo_set_target_registrations_per_interval(
            origin: OriginFor<T>,
            netuid: u16,
            target_registrations_per_interval: u16,
        ) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || {
                Self::set_target_registrations(netuid, target_registrations_per_interval)
            })
        }

        /// Lower bound of the burn price. The owner, or Root.
        #[pallet::call_index(22)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_burn())]
        pub fn sudo_set_min_burn(origin: OriginFor<T>, netuid: u16, min_burn: u64) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MinBurn), |_| {
                Self::set_min_burn(netuid, min_burn)
            })
        }

        /// Upper bound of the burn price. The owner, or Root.
        #[pallet::call_index(23)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_burn())]
        pub fn sudo_set_max_burn(origin: OriginFor<T>, netuid: u16, max_burn: u64) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MaxBurn), |_| {
                Self::set_max_burn(netuid, max_burn)
            })
        }

        /// Stored for clients. Root.
        #[pallet::call_index(24)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_difficulty())]
        pub fn sudo_set_difficulty(origin: OriginFor<T>, netuid: u16, difficulty: u64) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || Self::set_difficulty(netuid, difficulty))
        }

        /// Most validators with a permit. Root.
        #[pallet::call_index(25)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_allowed_validators())]
        pub fn sudo_set_max_allowed_validators(
            origin: OriginFor<T>,
            netuid: u16,
            max_allowed_validators: u16,
        ) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || Self::set_max_allowed_validators(netuid, max_allowed_validators))
        }

        /// Moving average of bonds, of a million. The owner, or Root.
        #[pallet::call_index(26)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_bonds_moving_average())]
        pub fn sudo_set_bonds_moving_average(
            origin: OriginFor<T>,
            netuid: u16,
            bonds_moving_average: u64,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::BondsMovingAverage), |by| {
                Self::set_bonds_moving_average(by, netuid, bonds_moving_average)
            })
        }

        /// Stored for clients. Root.
        #[pallet::call_index(27)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_registrations_per_block())]
        pub fn sudo_set_max_registrations_per_block(
            origin: OriginFor<T>,
            netuid: u16,
            max_registrations_per_block: u16,
        ) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || {
                Self::set_max_registrations_per_block(netuid, max_registrations_per_block)
            })
        }

        /// Share of the owners, of 65535. Root.
        #[pallet::call_index(28)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_subnet_owner_cut())]
        pub fn sudo_set_subnet_owner_cut(origin: OriginFor<T>, subnet_owner_cut: u16) -> DispatchResult {
            Self::put_owner_cut(origin, subnet_owner_cut)
        }

        /// Blocks between two new subnets. Root.
        #[pallet::call_index(29)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_network_rate_limit())]
        pub fn sudo_set_network_rate_limit(origin: OriginFor<T>, rate_limit: u64) -> DispatchResult {
            Self::put_network_rate_limit(origin, rate_limit)
        }

        /// Blocks between two epochs; the cycle begins anew. Root; owners have `set_tempo`.
        #[pallet::call_index(30)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_tempo())]
        pub fn sudo_set_tempo(origin: OriginFor<T>, netuid: u16, tempo: u16) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || {
                pallet_subtensor::Pallet::<T>::restart_with_tempo(netuid, tempo);
                Ok(())
            })
        }

        /// Blocks in which a new subnet is not dissolved for another one. Root.
        #[pallet::call_index(35)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_network_immunity_period())]
        pub fn sudo_set_network_immunity_period(origin: OriginFor<T>, immunity_period: u64) -> DispatchResult {
            Self::put_network_immunity(origin, immunity_period)
        }

        /// Least price of a subnet. Root.
        #[pallet::call_index(36)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_network_min_lock_cost())]
        pub fn sudo_set_network_min_lock_cost(origin: OriginFor<T>, lock_cost: u64) -> DispatchResult {
            Self::put_min_lock_cost(origin, lock_cost)
        }

        /// Most subnets. Root.
        #[pallet::call_index(37)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_subnet_limit())]
        pub fn sudo_set_subnet_limit(origin: OriginFor<T>, max_subnets: u16) -> DispatchResult {
            Self::put_subnet_limit(origin, max_subnets)
        }

        /// Blocks in which the price of a subnet falls by its last price. Root.
        #[pallet::call_index(38)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_lock_reduction_interval())]
        pub fn sudo_set_lock_reduction_interval(origin: OriginFor<T>, interval: u64) -> DispatchResult {
            Self::put_lock_reduction(origin, interval)
        }

        /// Least stake that sets weights. Root.
        #[pallet::call_index(42)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_stake_threshold())]
        pub fn sudo_set_stake_threshold(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::put_stake_threshold(origin, min_stake)
        }

        /// Stored for clients. Root.
        #[pallet::call_index(43)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_nominator_min_required_stake())]
        pub fn sudo_set_nominator_min_required_stake(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::put_nominator_stake(origin, min_stake)
        }

        /// Blocks between two rises of a take. Root.
        #[pallet::call_index(45)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_tx_delegate_take_rate_limit())]
        pub fn sudo_set_tx_delegate_take_rate_limit(origin: OriginFor<T>, tx_rate_limit: u64) -> DispatchResult {
            Self::put_take_rate_limit(origin, tx_rate_limit)
        }

        /// Least take of delegates. Root.
        #[pallet::call_index(46)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_delegate_take())]
        pub fn sudo_set_min_delegate_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            Self::put_min_take(origin, take)
        }

        /// Whether weights must be committed first. The owner, or Root.
        #[pallet::call_index(49)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_commit_reveal_weights_enabled())]
        pub fn sudo_set_commit_reveal_weights_enabled(
            origin: OriginFor<T>,
            netuid: u16,
            enabled: bool,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::CommitRevealEnabled), |_| {
                Self::set_commit_reveal(netuid, enabled)
            })
        }

        /// Whether bonds move at a rate of their own. The owner, or Root.
        #[pallet::call_index(50)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_liquid_alpha_enabled())]
        pub fn sudo_set_liquid_alpha_enabled(origin: OriginFor<T>, netuid: u16, enabled: bool) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::LiquidAlphaEnabled), |_| {
                Self::set_liquid_alpha(netuid, enabled)
            })
        }

        /// Bounds of that rate, of 65535. The owner, or Root.
        #[pallet::call_index(51)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_alpha_values())]
        pub fn sudo_set_alpha_values(
            origin: OriginFor<T>,
            netuid: u16,
            alpha_low: u16,
            alpha_high: u16,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::AlphaValues), |_| {
                Self::set_alpha_values(netuid, alpha_low, alpha_high)
            })
        }

        /// Epochs between commit and reveal. The owner, or Root.
        #[pallet::call_index(57)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_commit_reveal_weights_interval())]
        pub fn sudo_set_commit_reveal_weights_interval(
            origin: OriginFor<T>,
            netuid: u16,
            interval: u64,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::WeightCommitInterval), |_| {
                Self::set_reveal_period(netuid, interval)
            })
        }

        /// Penalty of weights above consensus, of 65535. The owner, or Root.
        #[pallet::call_index(60)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_bonds_penalty())]
        pub fn sudo_set_bonds_penalty(origin: OriginFor<T>, netuid: u16, bonds_penalty: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::BondsPenalty), |_| {
                Self::set_bonds_penalty(netuid, bonds_penalty)
            })
        }

        /// Whether stake may be given to other coldkeys. The owner, or Root.
        #[pallet::call_index(61)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_toggle_transfer())]
        pub fn sudo_set_toggle_transfer(origin: OriginFor<T>, netuid: u16, toggle: bool) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::TransferEnabled), |_| {
                Self::set_transfers(netuid, toggle)
            })
        }

        /// Hotkey that receives the owner's cut. The owner, or Root; once in 50400 blocks.
        #[pallet::call_index(64)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_subnet_owner_hotkey())]
        pub fn sudo_set_subnet_owner_hotkey(
            origin: OriginFor<T>,
            netuid: u16,
            hotkey: <T as frame_system::Config>::AccountId,
        ) -> DispatchResult {
            pallet_subtensor::Pallet::<T>::do_set_owner_hotkey(origin, netuid, hotkey)
        }

        /// Whether stake of the subnet may move, and alpha is issued. Root.
        #[pallet::call_index(66)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_subtoken_enabled())]
        pub fn sudo_set_subtoken_enabled(origin: OriginFor<T>, netuid: u16, subtoken_enabled: bool) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || Self::set_subtoken(netuid, subtoken_enabled))
        }

        /// As `sudo_set_subnet_owner_hotkey`.
        #[pallet::call_index(67)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_sn_owner_hotkey())]
        pub fn sudo_set_sn_owner_hotkey(
            origin: OriginFor<T>,
            netuid: u16,
            hotkey: <T as frame_system::Config>::AccountId,
        ) -> DispatchResult {
            pallet_subtensor::Pallet::<T>::do_set_owner_hotkey(origin, netuid, hotkey)
        }

        /// Steepness of liquid alpha, in percent. The owner, or Root.
        #[pallet::call_index(68)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_alpha_sigmoid_steepness())]
        pub fn sudo_set_alpha_sigmoid_steepness(origin: OriginFor<T>, netuid: u16, steepness: i16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::AlphaSigmoidSteepness), |by| {
                Self::set_steepness(by, netuid, steepness)
            })
        }

        /// Yuma3 instead of Yuma2. The owner, or Root.
        #[pallet::call_index(69)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_yuma3_enabled())]
        pub fn sudo_set_yuma3_enabled(origin: OriginFor<T>, netuid: u16, enabled: bool) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::Yuma3Enabled), |_| {
                Self::set_yuma3(netuid, enabled)
            })
        }

        /// Whether a miner's commitment may reset its bonds. The owner, or Root.
        #[pallet::call_index(70)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_bonds_reset_enabled())]
        pub fn sudo_set_bonds_reset_enabled(origin: OriginFor<T>, netuid: u16, enabled: bool) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::BondsResetEnabled), |_| {
                Self::set_bonds_reset(netuid, enabled)
            })
        }

        /// Version of timelocked commits. Root.
        #[pallet::call_index(71)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_commit_reveal_version())]
        pub fn sudo_set_commit_reveal_version(origin: OriginFor<T>, version: u16) -> DispatchResult {
            Self::put_commit_reveal_version(origin, version)
        }

        /// Hotkeys of the owner that are never pruned. The owner, or Root.
        #[pallet::call_index(72)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_owner_immune_neuron_limit())]
        pub fn sudo_set_owner_immune_neuron_limit(
            origin: OriginFor<T>,
            netuid: u16,
            immune_neurons: u16,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::ImmuneNeuronLimit), |_| {
                Self::set_owner_immune_limit(netuid, immune_neurons)
            })
        }

        /// Stored for clients. Root.
        #[pallet::call_index(73)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_ck_burn())]
        pub fn sudo_set_ck_burn(origin: OriginFor<T>, burn: u64) -> DispatchResult {
            Self::put_ck_burn(origin, burn)
        }

        /// Blocks before an epoch in which parameters are frozen. Root.
        #[pallet::call_index(74)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_admin_freeze_window())]
        pub fn sudo_set_admin_freeze_window(origin: OriginFor<T>, window: u16) -> DispatchResult {
            Self::put_freeze_window(origin, window)
        }

        /// Tempos between two changes of a parameter by its owner. Root.
        #[pallet::call_index(75)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_owner_hparam_rate_limit())]
        pub fn sudo_set_owner_hparam_rate_limit(origin: OriginFor<T>, epochs: u16) -> DispatchResult {
            Self::put_owner_rate_limit(origin, epochs)
        }

        /// Number of mechanisms. The owner, or Root.
        #[pallet::call_index(76)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_mechanism_count())]
        pub fn sudo_set_mechanism_count(origin: OriginFor<T>, netuid: u16, mechanism_count: u8) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::MechanismCount, |_| {
                pallet_subtensor::Pallet::<T>::do_set_mechanism_count(netuid, mechanism_count)
            })
        }

        /// Shares of the mechanisms, of 65535; even if none. The owner, or Root.
        #[pallet::call_index(77)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_mechanism_emission_split())]
        pub fn sudo_set_mechanism_emission_split(
            origin: OriginFor<T>,
            netuid: u16,
            maybe_split: Option<Vec<u16>>,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::MechanismSplit, |_| {
                pallet_subtensor::Pallet::<T>::do_set_emission_split(netuid, maybe_split)
            })
        }

        /// Fewer slots; the lowest earners leave. The owner, or Root.
        #[pallet::call_index(78)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_trim_to_max_allowed_uids())]
        pub fn sudo_trim_to_max_allowed_uids(origin: OriginFor<T>, netuid: u16, max_n: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Trimming, |_| {
                pallet_subtensor::Pallet::<T>::do_trim(netuid, max_n)
            })
        }

        /// Lower bound of the slots. Root.
        #[pallet::call_index(79)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_allowed_uids())]
        pub fn sudo_set_min_allowed_uids(origin: OriginFor<T>, netuid: u16, min_allowed_uids: u16) -> DispatchResult {
            Self::by_root_unfrozen(origin, netuid, || Self::set_min_allowed_uids(netuid, min_allowed_uids))
        }

        /// Stored for clients. The owner, or Root.
        #[pallet::call_index(80)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_recycle_or_burn())]
        pub fn sudo_set_recycle_or_burn(
            origin: OriginFor<T>,
            netuid: u16,
            recycle_or_burn: RecycleOrBurnEnum,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::RecycleOrBurn), |_| {
                Self::set_recycle_or_burn(netuid, recycle_or_burn)
            })
        }

        /// Neurons beyond immunity that pruning leaves alone. Root, at any time.
        #[pallet::call_index(84)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_non_immune_uids())]
        pub fn sudo_set_min_non_immune_uids(origin: OriginFor<T>, netuid: u16, min: u16) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_min_non_immune_uids(netuid, min))
        }

        /// Blocks between `register_network` and `start_call`. Root.
        #[pallet::call_index(85)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_start_call_delay())]
        pub fn sudo_set_start_call_delay(origin: OriginFor<T>, delay: u64) -> DispatchResult {
            Self::put_start_call_delay(origin, delay)
        }

        /// Most mechanisms of one subnet. Root.
        #[pallet::call_index(88)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_mechanism_count())]
        pub fn sudo_set_max_mechanism_count(origin: OriginFor<T>, max_mechanism_count: u8) -> DispatchResult {
            ensure_root(origin)?;
            pallet_subtensor::Pallet::<T>::do_set_max_mechanism_count(max_mechanism_count)
        }

        /// Blocks in which the burn price halves. The owner, or Root.
        #[pallet::call_index(89)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_burn_half_life())]
        pub fn sudo_set_burn_half_life(origin: OriginFor<T>, netuid: u16, burn_half_life: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::BurnHalfLife), |_| {
                Self::set_burn_half_life(netuid, burn_half_life)
            })
        }

        /// Factor of the burn price for each registration. The owner, or Root.
        #[pallet::call_index(90)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_burn_increase_mult())]
        pub fn sudo_set_burn_increase_mult(
            origin: OriginFor<T>,
            netuid: u16,
            burn_increase_mult: U64F64,
        ) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::BurnIncreaseMult), |_| {
                Self::set_burn_increase_mult(netuid, burn_increase_mult)
            })
        }

        /// Whether the owner gets its cut. The owner, or Root.
        #[pallet::call_index(92)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_owner_cut_enabled())]
        pub fn sudo_set_owner_cut_enabled(origin: OriginFor<T>, netuid: u16, enabled: bool) -> DispatchResult {
            Self::by_owner_any_time(origin, netuid, || Self::set_owner_cut(netuid, enabled))
        }

        /// Least take of children. The owner, or Root.
        #[pallet::call_index(93)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_min_childkey_take_per_subnet())]
        pub fn sudo_set_min_childkey_take_per_subnet(origin: OriginFor<T>, netuid: u16, take: u16) -> DispatchResult {
            Self::by_owner(origin, netuid, LimitedAct::Parameter(Hyperparameter::MinChildkeyTake), |_| {
                Self::set_min_childkey_take(netuid, take)
            })
        }

        /// Whether the subnet takes part in emission. Root, at any time.
        #[pallet::call_index(94)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_subnet_emission_enabled())]
        pub fn sudo_set_subnet_emission_enabled(origin: OriginFor<T>, netuid: u16, enabled: bool) -> DispatchResult {
            Self::by_root(origin, netuid, || Self::set_emission(netuid, enabled))
        }

        /// Stored for clients. The owner, or Root.
        #[pallet::call_index(95)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_owner_cut_auto_lock_enabled())]
        pub fn sudo_set_owner_cut_auto_lock_enabled(
            origin: OriginFor<T>,
            netuid: u16,
            enabled: bool,
        ) -> DispatchResult {
            Self::by_owner_any_time(origin, netuid, || Self::set_owner_cut_auto_lock(netuid, enabled))
        }

        /// Most epochs in one block. Root.
        #[pallet::call_index(96)]
        #[pallet::weight(<T as Config>::WeightInfo::sudo_set_max_epochs_per_block())]
        pub fn sudo_set_max_epochs_per_block(origin: OriginFor<T>, max_epochs_per_block: u8) -> DispatchResult {
            Self::put_max_epochs(origin, max_epochs_per_block)
        }
    }
}
