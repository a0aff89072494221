//! Answers of `DelegateInfoRuntimeApi`. A delegate is a hotkey that chose a take or that has stake: here anybody may
//! stake on any hotkey, and there is no root network on which upstream's delegates enter their names.
use alloc::{collections::BTreeMap, vec::Vec};
use codec::Compact;

use crate::{
    pallet::*,
    runtime_api::delegate::{DelegateInfo, Delegated, StakesByNetuid},
    types::ROOT,
};

/// Ours. Most delegates of one answer, those on which most is staked: any hotkey with stake is one, and anybody may stake.
const MOST_DELEGATES: usize = 1024;
/// Blocks of a day, at upstream's 12 s.
const BLOCKS_A_DAY: u128 = 7200;
/// 1,000 TAO in rao.
const THOUSAND_TAO: u128 = 1_000_000_000_000;

/// `value * times / by`, 0 where that is no number.
fn scaled(value: u64, times: u128, by: u64) -> u64 {
    let product = u128::from(value).saturating_mul(times);
    product.checked_div(u128::from(by)).and_then(|quotient| quotient.try_into().ok()).unwrap_or(0)
}

impl<T: Config> Pallet<T> {
    fn is_delegate(hotkey: &T::AccountId) -> bool {
        Delegates::<T>::contains_key(hotkey) || TotalHotkeyAlpha::<T>::iter_prefix(hotkey).next().is_some()
    }

    /// Those who staked on a hotkey, with their alpha by subnet.
    fn nominators(hotkey: &T::AccountId) -> Vec<(T::AccountId, StakesByNetuid)> {
        let mut all: BTreeMap<T::AccountId, StakesByNetuid> = BTreeMap::new();
        for ((coldkey, netuid), _) in AlphaV2::<T>::iter_prefix((hotkey,)) {
            let stake = Self::alpha_of(hotkey, &coldkey, netuid);
            all.entry(coldkey).or_default().push((Compact(netuid), Compact(stake)));
        }
        all.values_mut().for_each(|stakes| stakes.sort_by_key(|(netuid, _)| netuid.0));
        all.into_iter().collect()
    }

    fn has_permit(netuid: u16, hotkey: &T::AccountId) -> bool {
        let uid = Uids::<T>::get(netuid, hotkey);
        uid.and_then(|uid| ValidatorPermit::<T>::get(netuid).get(usize::from(uid)).copied()).unwrap_or(false)
    }

    fn delegate_info(
        hotkey: T::AccountId,
        nominators: Vec<(T::AccountId, StakesByNetuid)>,
        subnets: &[u16],
    ) -> DelegateInfo<T::AccountId> {
        let registrations: Vec<u16> =
            subnets.iter().copied().filter(|netuid| Self::is_registered(*netuid, &hotkey)).collect();
        let permits = registrations.iter().filter(|netuid| Self::has_permit(**netuid, &hotkey));
        let daily = |netuid: &u16| {
            scaled(Self::emission_of(*netuid, &hotkey), BLOCKS_A_DAY, u64::from(Tempo::<T>::get(netuid)))
        };
        let daily = registrations.iter().map(daily).fold(0_u64, u64::saturating_add);
        let take = Delegates::<T>::get(&hotkey);
        let left = scaled(daily, u128::from(u16::MAX.saturating_sub(take)), u64::from(u16::MAX));
        DelegateInfo {
            take: Compact(take),
            nominators,
            owner_ss58: Owner::<T>::get(&hotkey),
            validator_permits: permits.map(|netuid| Compact(*netuid)).collect(),
            return_per_1000: Compact(scaled(left, THOUSAND_TAO, TotalHotkeyAlpha::<T>::get(&hotkey, ROOT))),
            total_daily_return: Compact(daily),
            registrations: super::compacts(registrations),
            delegate_ss58: hotkey,
        }
    }

    /// One delegate, with those who staked on it.
    pub fn delegate(hotkey: T::AccountId) -> Option<DelegateInfo<T::AccountId>> {
        let nominators = Self::is_delegate(&hotkey).then(|| Self::nominators(&hotkey))?;
        Some(Self::delegate_info(hotkey, nominators, &Self::subnets()))
    }

    /// All delegates, by account.
    pub fn delegates() -> Vec<DelegateInfo<T::AccountId>> {
        let mut staked: BTreeMap<T::AccountId, u64> = Delegates::<T>::iter_keys().map(|hotkey| (hotkey, 0)).collect();
        for (hotkey, _, alpha) in TotalHotkeyAlpha::<T>::iter() {
            let sum = staked.entry(hotkey).or_default();
            *sum = sum.saturating_add(alpha);
        }
        if staked.len() > MOST_DELEGATES {
            let mut by_stake: Vec<(u64, T::AccountId)> =
                staked.into_iter().map(|(hotkey, sum)| (sum, hotkey)).collect();
            by_stake.sort_by(|one, other| other.cmp(one));
            by_stake.truncate(MOST_DELEGATES);
            staked = by_stake.into_iter().map(|(sum, hotkey)| (hotkey, sum)).collect();
        }
        let subnets = Self::subnets();
        let info = |hotkey: T::AccountId| {
            let nominators = Self::nominators(&hotkey);
            Self::delegate_info(hotkey, nominators, &subnets)
        };
        staked.into_keys().map(info).collect()
    }

    /// The delegates a coldkey staked on, once for each position.
    pub fn delegated(coldkey: &T::AccountId) -> Vec<Delegated<T::AccountId>> {
        let subnets = Self::subnets();
        let positions = Self::stake_infos(coldkey).into_iter();
        let told = |hotkey| Self::delegate_info(hotkey, Vec::new(), &subnets);
        positions.map(|info| (told(info.hotkey), (info.netuid, info.stake))).collect()
    }
}
