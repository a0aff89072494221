//! Hyperparameters of `SubnetInfoRuntimeApi` in its three forms.
use alloc::{vec, vec::Vec};
use codec::Compact;

use crate::{
    pallet::*,
    runtime_api::hyperparams::{HyperparamEntry, HyperparamValue, SubnetHyperparams, SubnetHyperparamsV2},
    types::I32F32,
};

impl<T: Config> Pallet<T> {
    /// A subnet's steepness of liquid alpha as clients read it: percent with 32 fractional bits.
    fn steepness_of(netuid: u16) -> I32F32 {
        let percent = i64::from(AlphaSigmoidSteepness::<T>::get(netuid));
        I32F32 { bits: percent.saturating_mul(1_i64 << 32) }
    }

    /// 3 or 2.
    fn yuma_version(netuid: u16) -> u16 {
        if Yuma3On::<T>::get(netuid) {
            3
        } else {
            2
        }
    }

    /// The second form.
    pub fn hyperparams_v2(netuid: u16) -> Option<SubnetHyperparamsV2> {
        let (low, high) = AlphaValues::<T>::get(netuid);
        Self::is_listed(netuid).then(|| SubnetHyperparamsV2 {
            rho: Compact(Rho::<T>::get(netuid)),
            kappa: Compact(Kappa::<T>::get(netuid)),
            immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
            min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
            max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
            tempo: Compact(Tempo::<T>::get(netuid)),
            min_difficulty: Compact(MinDifficulty::<T>::get(netuid)),
            max_difficulty: Compact(MaxDifficulty::<T>::get(netuid)),
            weights_version: Compact(WeightsVersionKey::<T>::get(netuid)),
            weights_rate_limit: Compact(WeightsSetRateLimit::<T>::get(netuid)),
            adjustment_interval: Compact(AdjustmentInterval::<T>::get(netuid)),
            activity_cutoff: Compact(Self::activity_cutoff(netuid)),
            registration_allowed: NetworkRegistrationAllowed::<T>::get(netuid),
            target_regs_per_interval: Compact(TargetRegistrationsPerInterval::<T>::get(netuid)),
            min_burn: Compact(MinBurn::<T>::get(netuid)),
            max_burn: Compact(MaxBurn::<T>::get(netuid)),
            bonds_moving_avg: Compact(BondsMovingAverage::<T>::get(netuid)),
            max_regs_per_block: Compact(MaxRegistrationsPerBlock::<T>::get(netuid)),
            serving_rate_limit: Compact(ServingRateLimit::<T>::get(netuid)),
            max_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
            adjustment_alpha: Compact(AdjustmentAlpha::<T>::get(netuid)),
            difficulty: Compact(Difficulty::<T>::get(netuid)),
            commit_reveal_period: Compact(RevealPeriodEpochs::<T>::get(netuid)),
            commit_reveal_weights_enabled: CommitRevealWeightsEnabled::<T>::get(netuid),
            alpha_high: Compact(high),
            alpha_low: Compact(low),
            liquid_alpha_enabled: LiquidAlphaOn::<T>::get(netuid),
            alpha_sigmoid_steepness: Self::steepness_of(netuid),
            yuma_version: Compact(Self::yuma_version(netuid)),
            subnet_is_active: SubtokenEnabled::<T>::get(netuid),
            transfers_enabled: TransferToggle::<T>::get(netuid),
            bonds_reset_enabled: BondsResetOn::<T>::get(netuid),
            user_liquidity_enabled: false,
        })
    }

    /// The oldest form.
    pub fn hyperparams(netuid: u16) -> Option<SubnetHyperparams> {
        Self::hyperparams_v2(netuid).map(Into::into)
    }

    /// By name: upstream's names, with the two of collateral that newer clients ask for.
    pub fn hyperparams_v3(netuid: u16) -> Option<Vec<HyperparamEntry>> {
        use HyperparamValue::{Bool, TaoBalance, I32F32, U16, U32, U64, U64F64};
        let of = Self::hyperparams_v2(netuid)?;
        let entries = vec![
            ("kappa", U16(of.kappa)),
            ("immunity_period", U16(of.immunity_period)),
            ("min_allowed_weights", U16(of.min_allowed_weights)),
            ("max_weights_limit", U16(of.max_weights_limit)),
            ("tempo", U16(of.tempo)),
            ("weights_version", U64(of.weights_version)),
            ("weights_rate_limit", U64(of.weights_rate_limit)),
            ("activity_cutoff", U64(of.activity_cutoff)),
            ("activity_cutoff_factor", U32(Compact(ActivityCutoffFactorMilli::<T>::get(netuid)))),
            ("registration_allowed", Bool(of.registration_allowed)),
            ("target_regs_per_interval", U16(of.target_regs_per_interval)),
            ("min_burn", TaoBalance(of.min_burn)),
            ("max_burn", TaoBalance(of.max_burn)),
            ("burn_half_life", U16(Compact(BurnHalfLife::<T>::get(netuid)))),
            ("burn_increase_mult", U64F64(BurnIncreaseMult::<T>::get(netuid))),
            ("bonds_moving_avg", U64(of.bonds_moving_avg)),
            ("max_regs_per_block", U16(of.max_regs_per_block)),
            ("serving_rate_limit", U64(of.serving_rate_limit)),
            ("max_validators", U16(of.max_validators)),
            ("commit_reveal_period", U64(of.commit_reveal_period)),
            ("commit_reveal_weights_enabled", Bool(of.commit_reveal_weights_enabled)),
            ("alpha_high", U16(of.alpha_high)),
            ("alpha_low", U16(of.alpha_low)),
            ("liquid_alpha_enabled", Bool(of.liquid_alpha_enabled)),
            ("alpha_sigmoid_steepness", I32F32(of.alpha_sigmoid_steepness)),
            ("yuma_version", U16(of.yuma_version)),
            ("subnet_is_active", Bool(of.subnet_is_active)),
            ("transfers_enabled", Bool(of.transfers_enabled)),
            ("bonds_reset_enabled", Bool(of.bonds_reset_enabled)),
            ("user_liquidity_enabled", Bool(of.user_liquidity_enabled)),
            ("owner_cut_enabled", Bool(OwnerCutEnabled::<T>::get(netuid))),
            ("owner_cut_auto_lock_enabled", Bool(OwnerCutAutoLockEnabled::<T>::get(netuid))),
            ("min_childkey_take", U16(Compact(MinChildkeyTakePerSubnet::<T>::get(netuid)))),
            ("collateral_lock_share", U16(Compact(CollateralLockShare::<T>::get(netuid)))),
            ("collateral_drain_ratio", U64F64(CollateralDrainRatio::<T>::get(netuid))),
        ];
        let named = |(name, value): (&str, HyperparamValue)| HyperparamEntry { name: name.as_bytes().to_vec(), value };
        Some(entries.into_iter().map(named).collect())
    }
}
