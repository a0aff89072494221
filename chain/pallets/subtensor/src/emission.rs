//! Emission of alpha: an integer halving curve, the split, and the payout of an epoch (`docs/protocol.md`).
//!
//! Emission is paid for incentives only: an epoch that finds none burns all that was issued since the last one.
//!
//! Ledger of a subnet, exact to 1 rao: `SubnetAlphaOut` = `PaidToNeurons` + `PaidToOwner` + `BurnedEmission`
//! + `CarriedEmission` + the three pending sums.
use alloc::{collections::BTreeMap, vec::Vec};

use crate::{pallet::*, types::*};

/// Alpha there will ever be, in rao.
pub const MAX_ALPHA: u64 = 21_000_000_000_000_000;
/// Alpha of a block before the first halving, in rao.
pub const ALPHA_PER_BLOCK: u64 = 1_000_000_000;

/// One block's alpha and its split.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlockEmission {
    /// All of it.
    pub total: u64,
    /// The owner's share.
    pub owner: u64,
    /// The miners' share.
    pub miners: u64,
    /// The validators' share.
    pub validators: u64,
}

/// `10^9 >> h` with the largest `h` for which `issued >= MAX - (MAX >> h)`; 0 from `MAX` on. Integers only.
pub fn alpha_per_block(issued: u64) -> u64 {
    if issued >= MAX_ALPHA {
        return 0;
    }
    let left = MAX_ALPHA.saturating_sub(issued);
    // `left` is at least 1, so the loop ends before the shift leaves 64 bits; 10^9 >> 30 is 0 anyway.
    (1..=30_u32)
        .take_while(|halvings| MAX_ALPHA >> halvings >= left)
        .last()
        .map_or(ALPHA_PER_BLOCK, |halvings| ALPHA_PER_BLOCK >> halvings)
}

/// Splits a block's alpha; every truncated rao goes to the validators.
pub fn split(total: u64, owner_cut: u16) -> BlockEmission {
    let owner = u128::from(total).saturating_mul(u128::from(owner_cut)).checked_div(65_535).unwrap_or(0);
    let owner = u64::try_from(owner).unwrap_or(total);
    let rest = total.saturating_sub(owner);
    let miners = rest >> 1;
    BlockEmission { total, owner, miners, validators: rest.saturating_sub(miners) }
}

/// What an epoch pays, by uid.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Payout {
    /// Miner emission.
    pub miners: Vec<u64>,
    /// Validator emission.
    pub validators: Vec<u64>,
}

/// What an epoch has to give, or to burn.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pools {
    /// For the owner.
    pub owner: u64,
    /// For the incentives, with what the last epoch left.
    pub miners: u64,
    /// For the dividends.
    pub validators: u64,
    /// For nobody, since nobody has an incentive; the others are 0 then.
    pub burned: u64,
}

impl<T: Config> Pallet<T> {
    /// Issues one block's alpha of every started subnet into its pending sums.
    pub(crate) fn emit(subnets: &[u16]) {
        for &netuid in subnets {
            let started = FirstEmissionBlockNumber::<T>::get(netuid).is_some();
            if !(started && SubtokenEnabled::<T>::get(netuid) && SubnetEmissionEnabled::<T>::get(netuid)) {
                continue;
            }
            let issued = SubnetAlphaOut::<T>::get(netuid);
            let cut = if OwnerCutEnabled::<T>::get(netuid) { SubnetOwnerCut::<T>::get() } else { 0 };
            let emission = split(alpha_per_block(issued), cut);
            SubnetAlphaOut::<T>::insert(netuid, issued.saturating_add(emission.total));
            if SubnetAlphaOutEmission::<T>::get(netuid) != emission.total {
                SubnetAlphaOutEmission::<T>::insert(netuid, emission.total);
            }
            PendingOwnerCut::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(emission.owner));
            PendingServerEmission::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(emission.miners));
            PendingValidatorEmission::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(emission.validators));
        }
    }

    /// Takes the pending sums and what was carried. Departure: without incentives nobody is paid, and all is burned;
    /// upstream's validators get the miners' half then, by stake, and its owner the cut.
    pub(crate) fn take_pools(netuid: u16, has_incentive: bool) -> Pools {
        let owner = PendingOwnerCut::<T>::take(netuid);
        let miners = PendingServerEmission::<T>::take(netuid).saturating_add(CarriedEmission::<T>::take(netuid));
        let validators = PendingValidatorEmission::<T>::take(netuid);
        if has_incentive {
            Pools { owner, miners, validators, burned: 0 }
        } else {
            Pools { burned: owner.saturating_add(miners).saturating_add(validators), ..Pools::default() }
        }
    }

    /// Pays an epoch: dividends, of which a child's parents have their parts; miners' emission to their coldkeys; and the
    /// owner's cut. What truncation left is carried.
    pub(crate) fn pay(netuid: u16, hotkeys: &[T::AccountId], pools: Pools, payout: &Payout) {
        let (mut paid, mut burned) = (0_u64, 0_u64);
        // Divided by the stakes that the epoch saw, before anything is paid.
        let dividends = Self::divided_dividends(netuid, hotkeys, payout);
        for (hotkey, amount) in &dividends {
            Self::pay_dividends(netuid, hotkey, *amount);
            paid = paid.saturating_add(*amount);
        }
        Self::record_dividends(netuid, &dividends);
        let owner = (SubnetOwner::<T>::get(netuid), SubnetOwnerHotkey::<T>::get(netuid));
        for (hotkey, &miner) in hotkeys.iter().zip(&payout.miners).filter(|(_, miner)| **miner > 0) {
            let coldkey = Owner::<T>::get(hotkey);
            // The owner's own miners: what they earn is burned.
            if coldkey == owner.0 || *hotkey == owner.1 {
                burned = burned.saturating_add(miner);
            } else {
                Self::pay_miner(netuid, hotkey, &coldkey, miner);
                paid = paid.saturating_add(miner);
            }
        }
        let pool = pools.miners.saturating_add(pools.validators);
        CarriedEmission::<T>::insert(netuid, pool.saturating_sub(paid).saturating_sub(burned));
        PaidToNeurons::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(paid));
        BurnedEmission::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(burned).saturating_add(pools.burned));
        let share =
            if pools.burned > 0 && pools.miners == 0 { U96F32 { bits: 1 << 32 } } else { burned_share(burned, payout) };
        MinerBurned::<T>::insert(netuid, share);
        Self::pay_owner(netuid, pools.owner);
    }

    /// Dividends by hotkey: what Yuma gave to uids, their parents' parts among it. A parent needs no uid.
    fn divided_dividends(netuid: u16, hotkeys: &[T::AccountId], payout: &Payout) -> BTreeMap<T::AccountId, u64> {
        // The clock has been stepped already.
        let period = SubnetEpochIndex::<T>::get(netuid).saturating_sub(1);
        let mut dividends = BTreeMap::new();
        for (validator, &part) in hotkeys.iter().zip(&payout.validators).filter(|(_, part)| **part > 0) {
            for (hotkey, amount) in Self::division_of(validator, netuid, period, part) {
                let sum: &mut u64 = dividends.entry(hotkey).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        dividends
    }

    /// Pays dividends after the take to all who staked on the hotkey, then the take to its own coldkey. Departure: upstream
    /// pays the take first, which then shares in the rest; where one epoch pays as much as is staked that makes a take of
    /// 18 % one of 35 %.
    fn pay_dividends(netuid: u16, hotkey: &T::AccountId, amount: u64) {
        let take = take_of(amount, Delegates::<T>::get(hotkey));
        Self::credit_dividends(hotkey, netuid, amount.saturating_sub(take), take);
    }

    /// Pays a miner's emission into its coldkey's stake, on the hotkey that the coldkey named for that or on the miner's own.
    fn pay_miner(netuid: u16, hotkey: &T::AccountId, owner: &T::AccountId, amount: u64) {
        let Some(destination) = AutoStakeDestination::<T>::get(owner, netuid) else {
            return Self::credit_stake(hotkey, owner, netuid, amount);
        };
        Self::credit_stake(&destination, owner, netuid, amount);
        let (hotkey, owner, incentive) = (hotkey.clone(), owner.clone(), amount);
        Self::deposit_event(Event::AutoStakeAdded { netuid, destination, hotkey, owner, incentive });
    }

    /// Stores the dividends of the last epoch, and nothing of the one before.
    fn record_dividends(netuid: u16, dividends: &BTreeMap<T::AccountId, u64>) {
        let former = AlphaDividendsPerSubnet::<T>::iter_key_prefix(netuid);
        let gone: Vec<T::AccountId> = former.filter(|hotkey| !dividends.contains_key(hotkey)).collect();
        for hotkey in gone {
            AlphaDividendsPerSubnet::<T>::remove(netuid, hotkey);
        }
        for (hotkey, amount) in dividends.iter().filter(|(_, amount)| **amount > 0) {
            AlphaDividendsPerSubnet::<T>::insert(netuid, hotkey, amount);
        }
    }

    /// Pays the owner's cut into the owner's stake on `SubnetOwnerHotkey`.
    fn pay_owner(netuid: u16, cut: u64) {
        let hotkey = SubnetOwnerHotkey::<T>::get(netuid);
        Self::credit_stake(&hotkey, &SubnetOwner::<T>::get(netuid), netuid, cut);
        PaidToOwner::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(cut));
    }
}

/// The part of dividends that a hotkey's own coldkey gets before its stakers, truncated.
pub fn take_of(dividends: u64, take: u16) -> u64 {
    let part = u128::from(dividends).saturating_mul(u128::from(take)).checked_div(65_535).unwrap_or(0);
    u64::try_from(part).unwrap_or(dividends).min(dividends)
}

fn burned_share(burned: u64, payout: &Payout) -> U96F32 {
    let all = payout.miners.iter().fold(0_u128, |sum, &amount| sum.saturating_add(u128::from(amount)));
    U96F32 { bits: (u128::from(burned) << 32).checked_div(all).unwrap_or(0) }
}
