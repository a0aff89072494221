//! What accounts do beside staking and weighing: everything out, alpha given up, hotkeys swapped, children, the root network.
use super::*;

impl World {
    /// Everything on a hotkey, into the coldkey's hand or onto the root network.
    pub(super) fn unstake_all(&mut self) {
        let (who, to_root) = (self.anybody(), self.below(2) == 0);
        let on = StakingHotkeys::<Test>::get(who);
        let Some(from) = on.get(self.random.next() as usize % on.len().max(1)).copied() else { return };
        let open = |netuid: &u16| SubtokenEnabled::<Test>::get(netuid) && !(to_root && *netuid == ROOT);
        let amounts: Vec<(u16, u64)> = Subtensor::networks()
            .into_iter()
            .filter(open)
            .map(|netuid| (netuid, Subtensor::redeemable(&from, &who, netuid)))
            .collect();
        let done = match to_root {
            true => Subtensor::unstake_all_alpha(signed(who), from),
            false => Subtensor::unstake_all(signed(who), from),
        };
        if !self.counted("unstake all", done) {
            return;
        }
        for (netuid, amount) in &amounts {
            self.took_out((from, who, *netuid), *amount);
        }
        if to_root {
            let total = amounts.iter().map(|(_, amount)| amount).sum();
            self.spend(who, total);
            *self.model.principal.entry((from, who, ROOT)).or_default() += total;
        }
    }

    /// Alpha that is given up: what was earned first, then principal, which becomes pot.
    pub(super) fn give_up(&mut self) {
        let (who, netuid, amount) = (self.anybody(), self.subnet(), self.amount());
        let on = StakingHotkeys::<Test>::get(who);
        let Some(from) = on.get(self.random.next() as usize % on.len().max(1)).copied() else { return };
        let held = Subtensor::alpha_of(&from, &who, netuid);
        let result = match self.below(2) {
            0 => Subtensor::burn_alpha(signed(who), from, amount, netuid),
            _ => Subtensor::recycle_alpha(signed(who), from, amount, netuid),
        };
        if self.counted("give up", result) {
            let principal = self.model.principal.entry((from, who, netuid)).or_default();
            let own = amount.min(held).saturating_sub(held - *principal);
            *principal -= own;
            *self.model.pot.entry(netuid).or_default() += own;
        }
    }

    /// Another hotkey in the place of one, on one network or on all; a new one, or another of the same coldkey.
    pub(super) fn swap(&mut self) {
        let at = self.random.next() as usize % self.hotkeys.len();
        let (index, old) = self.hotkeys[at];
        let new = match self.below(4) {
            0 => self.any_hotkey().1,
            _ => {
                30_000 + Account::from(self.model.done.get("swap").copied().unwrap_or(0)) + 1_000 * Account::from(index)
            }
        };
        let netuid = (self.below(2) == 0).then(|| self.subnet());
        let who = coldkey(index);
        if !self.counted("swap", Subtensor::swap_hotkey(signed(who), old, new, netuid)) {
            return;
        }
        let cost = if netuid.is_some() { SWAP_ON_SUBNET_COST } else { SWAP_COST };
        self.spend(who, cost);
        self.model.issuance -= cost;
        let moved = |key: &(Account, Account, u16)| key.0 == old && netuid.is_none_or(|netuid| netuid == key.2);
        let keys: Vec<_> = self.model.principal.keys().copied().filter(moved).collect();
        for key in keys {
            let own = self.model.principal.remove(&key).unwrap();
            *self.model.principal.entry((new, key.1, key.2)).or_default() += own;
        }
        if netuid.is_none() {
            self.hotkeys.remove(at);
        }
        if !self.hotkeys.contains(&(index, new)) {
            self.hotkeys.push((index, new));
        }
    }

    pub(super) fn children(&mut self) {
        let ((index, of), netuid) = (self.any_hotkey(), self.subnet());
        let children: Vec<(u64, Account)> =
            (0..self.below(4)).map(|_| (self.random.next() << 14, self.any_hotkey().1)).collect();
        let result = Subtensor::set_children(signed(coldkey(index)), of, netuid, children);
        self.counted("children", result);
        let take = self.below(12_000) as u16;
        self.counted("childkey take", Subtensor::set_childkey_take(signed(coldkey(index)), of, netuid, take));
    }

    pub(super) fn destination(&mut self) {
        let (who, (_, onto), netuid) = (self.anybody(), self.any_hotkey(), self.subnet());
        let result = Subtensor::set_coldkey_auto_stake_hotkey(signed(who), netuid, onto);
        self.counted("destination", result);
    }

    pub(super) fn root(&mut self) {
        let (index, hotkey) = self.any_hotkey();
        self.counted("root", Subtensor::root_register(signed(coldkey(index)), hotkey));
        self.counted("claim", Subtensor::claim_root(signed(coldkey(index)), [1].into()));
    }
}
