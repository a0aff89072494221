//! The end of a subnet: principals go back to who staked them, the rest is burned, nothing of it remains.
//!
//! All of it happens in one call, so that there is no state in which some stakers were paid and others not; the weight
//! declared for it is that of a full subnet. A new item that is kept by netuid belongs on one of the lists below; the
//! test `nothing_of_a_dissolved_subnet_remains` finds one that was forgotten.
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
};

use crate::{pallet::*, types::*};

/// What is kept elsewhere for hotkeys of a subnet, and goes when they go.
pub trait Belongings<AccountId> {
    /// A hotkey lost its uid.
    fn hotkey_left(netuid: u16, hotkey: &AccountId);
    /// A subnet was dissolved.
    fn subnet_dissolved(netuid: u16);
}

impl<AccountId> Belongings<AccountId> for () {
    fn hotkey_left(_: u16, _: &AccountId) {}
    fn subnet_dissolved(_: u16) {}
}

/// Removes the entry of a netuid from each map.
macro_rules! forget {
    ($netuid:expr, $($item:ident),+ $(,)?) => { $($item::<T>::remove($netuid);)+ };
}

/// Removes all entries below a netuid, the first key, from each map.
macro_rules! forget_below {
    ($netuid:expr, $($item:ident),+ $(,)?) => { $(let _ = $item::<T>::clear_prefix($netuid, u32::MAX, None);)+ };
}

/// Removes all entries with a netuid, the second key, from each map.
macro_rules! forget_within {
    ($netuid:expr, $($item:ident),+ $(,)?) => { $({
        let found: Vec<_> = $item::<T>::iter_keys().filter(|(_, netuid)| *netuid == $netuid).collect();
        for (account, netuid) in found {
            $item::<T>::remove(account, netuid);
        }
    })+ };
}

/// Removes all entries with a netuid, the third key, from each map.
macro_rules! forget_positions {
    ($netuid:expr, $($item:ident),+ $(,)?) => { $({
        let found: Vec<_> = $item::<T>::iter_keys().filter(|(_, _, netuid)| *netuid == $netuid).collect();
        for position in found {
            $item::<T>::remove(position);
        }
    })+ };
}

impl<T: Config> Pallet<T> {
    /// Whether there are as many subnets as there may be; the root network does not count.
    pub(crate) fn is_at_subnet_limit() -> bool {
        let subnets = Self::subnets().into_iter().filter(|netuid| *netuid != ROOT).count();
        subnets >= usize::from(SubnetLimit::<T>::get())
    }

    /// The subnet that gives way to the next new one: out of immunity the lowest price, of equals the least TAO staked,
    /// then the oldest. Departure: upstream goes from the price to the age; here all prices are 1.
    pub fn subnet_to_prune() -> Option<u16> {
        let block = Self::current_block();
        let immunity = NetworkImmunityPeriod::<T>::get();
        let candidates = Self::subnets().into_iter().filter(|netuid| *netuid != ROOT).filter_map(|netuid| {
            let registered = NetworkRegisteredAt::<T>::get(netuid);
            let is_immune = block < registered.saturating_add(immunity);
            (!is_immune).then(|| (SubnetTAO::<T>::get(netuid), registered, netuid))
        });
        candidates.min().map(|(_, _, netuid)| netuid)
    }

    /// Dissolves a subnet.
    pub fn do_dissolve_network(netuid: u16) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid) && netuid != ROOT, Error::<T>::SubnetNotExists);
        Self::repay_principals(netuid);
        Self::close_account(netuid);
        Self::forget_stake(netuid);
        Self::forget_neurons(netuid);
        T::Belongings::subnet_dissolved(netuid);
        Self::forget_limits(netuid);
        Self::forget_parameters(netuid);
        TotalNetworks::<T>::mutate(|total| *total = total.saturating_sub(1));
        Self::deposit_event(Event::NetworkRemoved(netuid));
        Ok(())
    }

    /// Pays every coldkey its principals. An account that does not exist and would get less than the existential
    /// deposit cannot be paid: those rao (499 at most) are burned with the rest.
    fn repay_principals(netuid: u16) {
        let mut owed: BTreeMap<T::AccountId, u64> = BTreeMap::new();
        for ((_, coldkey, subnet), principal) in Principal::<T>::iter() {
            if subnet == netuid {
                let sum = owed.entry(coldkey).or_default();
                *sum = sum.saturating_add(principal);
            }
        }
        let account = Self::subnet_account(netuid);
        for (coldkey, principal) in owed {
            let _ = T::Currency::transfer(&account, &coldkey, principal, Preservation::Preserve);
        }
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_sub(SubnetTAO::<T>::get(netuid)));
    }

    /// Burns what is left in the subnet's account: pot and deposit.
    fn close_account(netuid: u16) {
        let account = Self::subnet_account(netuid);
        let left = T::Currency::balance(&account);
        let (all, force) = (Preservation::Expendable, Fortitude::Force);
        let _ = T::Currency::burn_from(&account, left, all, Precision::BestEffort, force);
    }

    fn forget_stake(netuid: u16) {
        let positions: Vec<_> = AlphaV2::<T>::iter_keys().filter(|(_, _, subnet)| *subnet == netuid).collect();
        forget_positions!(netuid, Principal, AlphaV2, Alpha);
        for (hotkey, coldkey, _) in positions {
            Self::unlist_without_position(&hotkey, &coldkey);
        }
        forget_within!(netuid, TotalHotkeyAlpha, TotalHotkeySharesV2, TotalHotkeyShares);
        forget_within!(netuid, ChildKeys, ParentKeys, ChildkeyTake, AutoStakeDestination);
        forget_within!(netuid, AutoStakeDestinationColdkeys);
        forget_below!(netuid, PendingChildKeys, AlphaDividendsPerSubnet, FreshStake, LastHotkeySwapOnNetuid);
        forget!(netuid, DestroyedAlpha, RootClaimableThreshold);
        let _ = RootClaimed::<T>::clear_prefix((netuid,), u32::MAX, None);
    }

    fn forget_neurons(netuid: u16) {
        for (_, hotkey) in Keys::<T>::iter_prefix(netuid) {
            IsNetworkMember::<T>::remove(hotkey, netuid);
        }
        forget_below!(netuid, Keys, Uids, BlockAtRegistration, Axons, Prometheus, NeuronCertificates);
        forget!(netuid, Active, Consensus, Dividends, Emission, ValidatorTrust, ValidatorPermit, StakeWeight);
        for index in Self::storage_indexes(netuid) {
            Self::forget_mechanism(index);
        }
    }

    /// The next owner of the number is not bound by what the last one did.
    fn forget_limits(netuid: u16) {
        LastRateLimitedBlock::<T>::remove(RateLimitKey::SetSNOwnerHotkey(netuid));
        let limited: Vec<_> = LastRateLimitedBlock::<T>::iter_keys()
            .filter(|key| matches!(key, RateLimitKey::OwnerHyperparamUpdate(subnet, _) if *subnet == netuid))
            .collect();
        for key in limited {
            LastRateLimitedBlock::<T>::remove(key);
        }
        let acts: Vec<_> =
            TransactionKeyLastBlock::<T>::iter_keys().filter(|(_, subnet, _)| *subnet == netuid).collect();
        for act in acts {
            TransactionKeyLastBlock::<T>::remove(act);
        }
    }

    fn forget_parameters(netuid: u16) {
        if SubnetIdentitiesV3::<T>::take(netuid).is_some() {
            Self::deposit_event(Event::SubnetIdentityRemoved(netuid));
        }
        forget!(
            netuid,
            NetworksAdded,
            SubnetOwner,
            SubnetOwnerHotkey,
            SubnetworkN,
            NetworkRegisteredAt,
            SubnetMechanism
        );
        forget!(netuid, FirstEmissionBlockNumber, SubtokenEnabled, SubnetEmissionEnabled, TransferToggle, SubnetLocked);
        forget!(netuid, Tempo, BlocksSinceLastStep, LastMechansimStepBlock, LastEpochBlock, PendingEpochAt);
        forget!(netuid, SubnetEpochIndex, MechanismCountCurrent, MechanismEmissionSplit, TokenSymbol, RecycleOrBurn);
        forget!(netuid, Burn, MinBurn, MaxBurn, BurnHalfLife, BurnIncreaseMult, RAORecycledForRegistration);
        forget!(netuid, NetworkRegistrationAllowed, NetworkPowRegistrationAllowed, RegistrationsThisInterval);
        forget!(netuid, BurnRegistrationsThisInterval, RegistrationsThisBlock, MaxRegistrationsPerBlock);
        forget!(netuid, TargetRegistrationsPerInterval, LastAdjustmentBlock, AdjustmentInterval, AdjustmentAlpha);
        forget!(netuid, Difficulty, MinDifficulty, MaxDifficulty, ImmunityPeriod, MaxAllowedUids, MinAllowedUids);
        forget!(netuid, MinNonImmuneUids, ImmuneOwnerUidsLimit, MaxAllowedValidators, MinAllowedWeights);
        forget!(netuid, MaxWeightsLimit, WeightsSetRateLimit, WeightsVersionKey, ServingRateLimit, ActivityCutoff);
        forget!(netuid, ActivityCutoffFactorMilli, Rho, Kappa, BondsMovingAverage, BondsPenalty, BondsResetOn);
        forget!(netuid, LiquidAlphaOn, AlphaValues, AlphaSigmoidSteepness, Yuma3On, CommitRevealWeightsEnabled);
        forget!(netuid, RevealPeriodEpochs, MinChildkeyTakePerSubnet, OwnerCutEnabled, OwnerCutAutoLockEnabled);
        forget!(netuid, SubnetAlphaOut, SubnetAlphaOutEmission, SubnetTAO, SubnetAlphaIn, SubnetAlphaInEmission);
        forget!(netuid, SubnetTaoInEmission, SubnetVolume, SubnetMovingPrice, SubnetEmaTaoFlow, MinerBurned);
        forget!(netuid, PendingServerEmission, PendingValidatorEmission, PendingOwnerCut, PendingRootAlphaDivs);
        forget!(netuid, PaidFromPot, PaidToNeurons, PaidToOwner, BurnedEmission, CarriedEmission);
    }
}
