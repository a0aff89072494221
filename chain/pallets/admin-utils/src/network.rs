//! Parameters of the chain itself, which only Root sets.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use frame_system::{ensure_root, pallet_prelude::OriginFor};
use pallet_subtensor::{
    AdminFreezeWindow, CKBurn, CommitRevealWeightsVersion, Event as Said, MaxDelegateTake, MaxEpochsPerBlock,
    MinDelegateTake, NetworkImmunityPeriod, NetworkLockReductionInterval, NetworkMinLockCost, NetworkRateLimit,
    NominatorMinRequiredStake, OwnerHyperparamRateLimit, StakeThreshold, StartCallDelay, SubnetLimit, SubnetOwnerCut,
    TxDelegateTakeRateLimit, TxRateLimit,
};

use crate::pallet::*;

impl<T: Config> Pallet<T> {
    /// Highest take.
    pub(crate) fn put_default_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
        ensure_root(origin)?;
        MaxDelegateTake::<T>::put(take);
        Self::tell(Said::MaxDelegateTakeSet(take))
    }

    /// Stored for clients.
    pub(crate) fn put_tx_rate_limit(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        TxRateLimit::<T>::put(blocks);
        Self::tell(Said::TxRateLimitSet(blocks))
    }

    /// Share of the owners, of 65535.
    pub(crate) fn put_owner_cut(origin: OriginFor<T>, cut: u16) -> DispatchResult {
        ensure_root(origin)?;
        SubnetOwnerCut::<T>::put(cut);
        Self::tell(Said::SubnetOwnerCutSet(cut))
    }

    /// Blocks between two new subnets.
    pub(crate) fn put_network_rate_limit(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        NetworkRateLimit::<T>::put(blocks);
        Self::tell(Said::NetworkRateLimitSet(blocks))
    }

    /// Blocks in which a new subnet is not dissolved for another one.
    pub(crate) fn put_network_immunity(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        NetworkImmunityPeriod::<T>::put(blocks);
        Self::tell(Said::NetworkImmunityPeriodSet(blocks))
    }

    /// Least price of a subnet.
    pub(crate) fn put_min_lock_cost(origin: OriginFor<T>, rao: u64) -> DispatchResult {
        ensure_root(origin)?;
        NetworkMinLockCost::<T>::put(rao);
        Self::tell(Said::NetworkMinLockCostSet(rao))
    }

    /// Most subnets.
    pub(crate) fn put_subnet_limit(origin: OriginFor<T>, subnets: u16) -> DispatchResult {
        ensure_root(origin)?;
        SubnetLimit::<T>::put(subnets);
        Self::tell(Said::SubnetLimitSet(subnets))
    }

    /// Blocks in which the price of a subnet falls by its last price.
    pub(crate) fn put_lock_reduction(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        NetworkLockReductionInterval::<T>::put(blocks);
        Self::tell(Said::NetworkLockCostReductionIntervalSet(blocks))
    }

    /// Least stake that sets weights.
    pub(crate) fn put_stake_threshold(origin: OriginFor<T>, rao: u64) -> DispatchResult {
        ensure_root(origin)?;
        StakeThreshold::<T>::put(rao);
        Self::tell(Said::StakeThresholdSet(rao))
    }

    /// Stored for clients: small stakes stay where they are.
    pub(crate) fn put_nominator_stake(origin: OriginFor<T>, rao: u64) -> DispatchResult {
        ensure_root(origin)?;
        NominatorMinRequiredStake::<T>::put(rao);
        Ok(())
    }

    /// Blocks between two rises of a take.
    pub(crate) fn put_take_rate_limit(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        TxDelegateTakeRateLimit::<T>::put(blocks);
        Self::tell(Said::TxDelegateTakeRateLimitSet(blocks))
    }

    /// Least take.
    pub(crate) fn put_min_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
        ensure_root(origin)?;
        MinDelegateTake::<T>::put(take);
        Self::tell(Said::MinDelegateTakeSet(take))
    }

    /// Version of timelocked commits.
    pub(crate) fn put_commit_reveal_version(origin: OriginFor<T>, version: u16) -> DispatchResult {
        ensure_root(origin)?;
        CommitRevealWeightsVersion::<T>::put(version);
        Self::tell(Said::CommitRevealVersionSet(version))
    }

    /// Stored for clients.
    pub(crate) fn put_ck_burn(origin: OriginFor<T>, part: u64) -> DispatchResult {
        ensure_root(origin)?;
        CKBurn::<T>::put(part);
        Ok(())
    }

    /// Blocks before an epoch in which parameters are frozen.
    pub(crate) fn put_freeze_window(origin: OriginFor<T>, blocks: u16) -> DispatchResult {
        ensure_root(origin)?;
        AdminFreezeWindow::<T>::put(blocks);
        Self::tell(Said::AdminFreezeWindowSet(blocks))
    }

    /// Tempos between two changes of a parameter by its owner.
    pub(crate) fn put_owner_rate_limit(origin: OriginFor<T>, tempos: u16) -> DispatchResult {
        ensure_root(origin)?;
        OwnerHyperparamRateLimit::<T>::put(tempos);
        Self::tell(Said::OwnerHyperparamRateLimitSet(tempos))
    }

    /// Blocks between `register_network` and `start_call`.
    pub(crate) fn put_start_call_delay(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
        ensure_root(origin)?;
        StartCallDelay::<T>::put(blocks);
        Self::tell(Said::StartCallDelaySet(blocks))
    }

    /// Most epochs in one block: at least 1.
    pub(crate) fn put_max_epochs(origin: OriginFor<T>, epochs: u8) -> DispatchResult {
        ensure_root(origin)?;
        ensure!(epochs >= 1, Error::<T>::ValueNotInBounds);
        MaxEpochsPerBlock::<T>::put(epochs);
        Self::tell(Said::MaxEpochsPerBlockSet(epochs))
    }
}
