//! Why a call is refused.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    /// Why a call is refused. Names and indexes are upstream's.
    #[pallet::error]
    pub enum Error<T> {
        /// The address type is neither 4 nor 6.
        #[codec(index = 1)]
        InvalidIpType,
        /// The address is unroutable: broadcast, or loopback where loopback is not allowed.
        #[codec(index = 2)]
        InvalidIpAddress,
        /// The port is 0.
        #[codec(index = 3)]
        InvalidPort,
        /// The hotkey has no uid on this subnet.
        #[codec(index = 4)]
        HotKeyNotRegisteredInSubNet,
        /// The hotkey was never registered anywhere.
        #[codec(index = 5)]
        HotKeyAccountNotExists,
        /// The hotkey has no uid on the network it wants to serve.
        #[codec(index = 6)]
        HotKeyNotRegisteredInNetwork,
        /// The hotkey belongs to another coldkey.
        #[codec(index = 7)]
        NonAssociatedColdKey,
        /// The coldkey has less stake on the hotkey than it wants to withdraw.
        #[codec(index = 9)]
        NotEnoughStakeToWithdraw,
        /// The hotkey's stake is below the threshold for setting weights.
        #[codec(index = 10)]
        NotEnoughStakeToSetWeights,
        /// The coldkey's balance does not cover the amount.
        #[codec(index = 12)]
        NotEnoughBalanceToStake,
        /// The balance could not be withdrawn.
        #[codec(index = 13)]
        BalanceWithdrawalError,
        /// The neuron had no validator permit in the last epoch.
        #[codec(index = 15)]
        NeuronNoValidatorPermit,
        /// There are not as many weights as uids.
        #[codec(index = 16)]
        WeightVecNotEqualSize,
        /// A uid occurs twice.
        #[codec(index = 17)]
        DuplicateUids,
        /// A uid does not exist on the subnet.
        #[codec(index = 18)]
        UidVecContainInvalidOne,
        /// The vector has fewer entries than the subnet demands.
        #[codec(index = 19)]
        WeightVecLengthIsLow,
        /// The hotkey already has a uid on this subnet.
        #[codec(index = 21)]
        HotKeyAlreadyRegisteredInSubNet,
        /// Too few blocks since the neuron's last weights or its registration.
        #[codec(index = 29)]
        SettingWeightsTooFast,
        /// The version key is below the subnet's.
        #[codec(index = 30)]
        IncorrectWeightVersionKey,
        /// Too few blocks since the neuron last served.
        #[codec(index = 31)]
        ServingRateLimitExceeded,
        /// The vector has more entries than the subnet has neurons.
        #[codec(index = 32)]
        UidsLengthExceedUidsInSubNet,
        /// Too few blocks since the chain's last new subnet.
        #[codec(index = 33)]
        NetworkTxRateLimitExceeded,
        /// Too few blocks since the hotkey's last higher take.
        #[codec(index = 34)]
        DelegateTxRateLimitExceeded,
        /// Registration is switched off.
        #[codec(index = 37)]
        SubNetRegistrationDisabled,
        /// The signer does not own the subnet.
        #[codec(index = 41)]
        NotSubnetOwner,
        /// Neurons do not register on the root network.
        #[codec(index = 42)]
        RegistrationNotPermittedOnRootSubnet,
        /// The root network takes no weights.
        #[codec(index = 47)]
        CanNotSetRootNetworkWeights,
        /// The subnet is full and no neuron can be pruned.
        #[codec(index = 48)]
        NoNeuronIdAvailable,
        /// The take is below the least, or not on the side of the present one that the call is for.
        #[codec(index = 49)]
        DelegateTakeTooLow,
        /// The take is above the highest.
        #[codec(index = 50)]
        DelegateTakeTooHigh,
        /// The hotkey has no commit that could be revealed.
        #[codec(index = 51)]
        NoWeightsCommitFound,
        /// The hotkey committed to other weights.
        #[codec(index = 52)]
        InvalidRevealCommitHashNotMatch,
        /// Weights must be committed and revealed on this subnet.
        #[codec(index = 53)]
        CommitRevealEnabled,
        /// Weights are set at once on this subnet, not committed.
        #[codec(index = 54)]
        CommitRevealDisabled,
        /// A field of the identity is too long.
        #[codec(index = 73)]
        InvalidIdentity,
        /// The subnet has no such mechanism.
        #[codec(index = 74)]
        MechanismDoesNotExist,
        /// The subnet does not exist.
        #[codec(index = 76)]
        SubnetNotExists,
        /// The hotkey has ten commits that wait to be revealed.
        #[codec(index = 77)]
        TooManyUnrevealedCommits,
        /// The epoch in which the commit could be revealed is over.
        #[codec(index = 78)]
        ExpiredWeightCommit,
        /// The epoch in which the commit can be revealed has not come.
        #[codec(index = 79)]
        RevealTooEarly,
        /// The lists of a batch differ in length.
        #[codec(index = 80)]
        InputLengthsUnequal,
        /// Too few blocks since the neuron's last commit or its registration.
        #[codec(index = 81)]
        CommittingWeightsTooFast,
        /// The amount is below the least stake.
        #[codec(index = 82)]
        AmountTooLow,
        /// The amount is more than the principal and what the subnet's pot pays of earned alpha.
        #[codec(index = 83)]
        InsufficientLiquidity,
        /// The subnet forbids giving stake to other coldkeys.
        #[codec(index = 85)]
        TransferDisallowed,
        /// `start_call` was made before.
        #[codec(index = 88)]
        FirstEmissionBlockNumberAlreadySet,
        /// `start_call` came too early (sic).
        #[codec(index = 89)]
        NeedWaitingMoreBlocksToStarCall,
        /// Stake of the subnet may not move before `start_call`.
        #[codec(index = 94)]
        SubtokenDisabled,
        /// The stake would stay where it is.
        #[codec(index = 96)]
        SameNetuid,
        /// A sum left its type.
        #[codec(index = 104)]
        Overflow,
        /// Clients of this version encrypt otherwise.
        #[codec(index = 110)]
        IncorrectCommitRevealVersion,
        /// The round is out already, or the chain follows no beacon.
        #[codec(index = 111)]
        InvalidRevealRound,
        /// A parameter lies outside its bounds.
        #[codec(index = 114)]
        InvalidValue,
        /// There is no number left for a subnet.
        #[codec(index = 115)]
        SubnetLimitReached,
        /// The coldkey's balance does not cover the price of a subnet.
        #[codec(index = 116)]
        CannotAffordLockCost,
        /// All mechanisms together would have more than 256 uids.
        #[codec(index = 125)]
        TooManyUIDsPerMechanism,
    }
}
