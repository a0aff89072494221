//! What happens in every block.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod hooks {
    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Upstream's order: prices decay, timelocked weights open, subnets emit, due epochs run, children change; all before
        /// the block's extrinsics.
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let (subnets, block) = (Self::subnets(), Self::current_block());
            Self::decay_burn_prices(&Self::networks());
            let opened = Self::reveal_timelocked(&subnets);
            Self::emit(&subnets);
            Self::run_due_epochs(&subnets);
            Self::step_root(block);
            let with_children = Self::apply_due_children(&subnets, block);
            Self::refresh_total_issuance();
            Self::hook_cost(&subnets, block, with_children).saturating_add(opened)
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
