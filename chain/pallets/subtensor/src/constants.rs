//! Constants that clients read: upstream's, in its order. Where storage has the same thing, its default is the same.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
#[allow(missing_docs)] // each is what its name says, at spec 424
mod constants {
    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Of spec 424.
        #[pallet::constant_name(InitialIssuance)]
        fn initial_issuance() -> u64 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinAllowedWeights)]
        fn initial_min_allowed_weights() -> u16 {
            1024
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialEmissionValue)]
        fn initial_emission_value() -> u16 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTempo)]
        fn initial_tempo() -> u16 {
            360
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialDifficulty)]
        fn initial_difficulty() -> u64 {
            10_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxDifficulty)]
        fn initial_max_difficulty() -> u64 {
            4_611_686_018_427_387_903
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinDifficulty)]
        fn initial_min_difficulty() -> u64 {
            10_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialRAORecycledForRegistration)]
        fn initial_rao_recycled_for_registration() -> u64 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialBurn)]
        fn initial_burn() -> u64 {
            100_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxBurn)]
        fn initial_max_burn() -> u64 {
            100_000_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinBurn)]
        fn initial_min_burn() -> u64 {
            500_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinStake)]
        fn initial_min_stake() -> u64 {
            2_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(MinBurnUpperBound)]
        fn min_burn_upper_bound() -> u64 {
            1_000_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(MaxBurnLowerBound)]
        fn max_burn_lower_bound() -> u64 {
            100_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(MinTempo)]
        fn min_tempo() -> u16 {
            360
        }
        /// Of spec 424.
        #[pallet::constant_name(MaxTempo)]
        fn max_tempo() -> u16 {
            50_400
        }
        /// Of spec 424.
        #[pallet::constant_name(MinActivityCutoffFactorMilli)]
        fn min_activity_cutoff_factor_milli() -> u32 {
            1000
        }
        /// Of spec 424.
        #[pallet::constant_name(MaxActivityCutoffFactorMilli)]
        fn max_activity_cutoff_factor_milli() -> u32 {
            50_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialAdjustmentInterval)]
        fn initial_adjustment_interval() -> u16 {
            100
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialBondsMovingAverage)]
        fn initial_bonds_moving_average() -> u64 {
            900_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialBondsPenalty)]
        fn initial_bonds_penalty() -> u16 {
            65_535
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialBondsResetOn)]
        fn initial_bonds_reset_on() -> bool {
            false
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTargetRegistrationsPerInterval)]
        fn initial_target_registrations_per_interval() -> u16 {
            2
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialRho)]
        fn initial_rho() -> u16 {
            10
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialAlphaSigmoidSteepness)]
        fn initial_alpha_sigmoid_steepness() -> i16 {
            1000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialKappa)]
        fn initial_kappa() -> u16 {
            32_767
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinAllowedUids)]
        fn initial_min_allowed_uids() -> u16 {
            64
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxAllowedUids)]
        fn initial_max_allowed_uids() -> u16 {
            256
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialValidatorPruneLen)]
        fn initial_validator_prune_len() -> u64 {
            1
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialScalingLawPower)]
        fn initial_scaling_law_power() -> u16 {
            50
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialImmunityPeriod)]
        fn initial_immunity_period() -> u16 {
            4096
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialActivityCutoff)]
        fn initial_activity_cutoff() -> u16 {
            5000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxRegistrationsPerBlock)]
        fn initial_max_registrations_per_block() -> u16 {
            1
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialPruningScore)]
        fn initial_pruning_score() -> u16 {
            65_535
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxAllowedValidators)]
        fn initial_max_allowed_validators() -> u16 {
            128
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialDefaultDelegateTake)]
        fn initial_default_delegate_take() -> u16 {
            11_796
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinDelegateTake)]
        fn initial_min_delegate_take() -> u16 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialDefaultChildKeyTake)]
        fn initial_default_child_key_take() -> u16 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMinChildKeyTake)]
        fn initial_min_child_key_take() -> u16 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxChildKeyTake)]
        fn initial_max_child_key_take() -> u16 {
            11_796
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialWeightsVersionKey)]
        fn initial_weights_version_key() -> u64 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialServingRateLimit)]
        fn initial_serving_rate_limit() -> u64 {
            50
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTxRateLimit)]
        fn initial_tx_rate_limit() -> u64 {
            1000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTxDelegateTakeRateLimit)]
        fn initial_tx_delegate_take_rate_limit() -> u64 {
            216_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTxChildKeyTakeRateLimit)]
        fn initial_tx_child_key_take_rate_limit() -> u64 {
            216_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialAdjustmentAlpha)]
        fn initial_adjustment_alpha() -> u64 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialNetworkImmunityPeriod)]
        fn initial_network_immunity_period() -> u64 {
            1_296_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialNetworkMinLockCost)]
        fn initial_network_min_lock_cost() -> u64 {
            1_000_000_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialSubnetOwnerCut)]
        fn initial_subnet_owner_cut() -> u16 {
            11_796
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialNetworkLockReductionInterval)]
        fn initial_network_lock_reduction_interval() -> u64 {
            100_800
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialNetworkRateLimit)]
        fn initial_network_rate_limit() -> u64 {
            7200
        }
        /// Of spec 424.
        #[pallet::constant_name(KeySwapCost)]
        fn key_swap_cost() -> u64 {
            100_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(AlphaHigh)]
        fn alpha_high() -> u16 {
            58_982
        }
        /// Of spec 424.
        #[pallet::constant_name(AlphaLow)]
        fn alpha_low() -> u16 {
            45_875
        }
        /// Of spec 424.
        #[pallet::constant_name(LiquidAlphaOn)]
        fn liquid_alpha_on() -> bool {
            false
        }
        /// Of spec 424.
        #[pallet::constant_name(Yuma3On)]
        fn yuma3_on() -> bool {
            false
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialColdkeySwapAnnouncementDelay)]
        fn initial_coldkey_swap_announcement_delay() -> u32 {
            36_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialColdkeySwapReannouncementDelay)]
        fn initial_coldkey_swap_reannouncement_delay() -> u32 {
            7200
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialDissolveNetworkScheduleDuration)]
        fn initial_dissolve_network_schedule_duration() -> u32 {
            36_000
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialTaoWeight)]
        fn initial_tao_weight() -> u64 {
            971_718_665_099_567_868
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialStartCallDelay)]
        fn initial_start_call_delay() -> u64 {
            0
        }
        /// Of spec 424.
        #[pallet::constant_name(KeySwapOnSubnetCost)]
        fn key_swap_on_subnet_cost() -> u64 {
            1_000_000
        }
        /// Of spec 424.
        #[pallet::constant_name(HotkeySwapOnSubnetInterval)]
        fn hotkey_swap_on_subnet_interval() -> u64 {
            7200
        }
        /// Of spec 424.
        #[pallet::constant_name(InitialMaxEpochsPerBlock)]
        fn initial_max_epochs_per_block() -> u8 {
            2
        }
    }
}
