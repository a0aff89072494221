//! What a commitment holds, in upstream's encoding.

use alloc::{vec, vec::Vec};
use codec::{Codec, Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output};
use core::fmt::Debug;
use frame_support::{
    traits::{ConstU32, Get},
    BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
};
use scale_info::{
    build::{Fields, Variants},
    form::MetaForm,
    Path, Type, TypeInfo,
};

/// Longest `Data::Raw`, in bytes.
pub const MAX_RAW_BYTES: u32 = 128;
/// Longest ciphertext of `Data::TimelockEncrypted`, in bytes.
pub const MAX_TIMELOCK_BYTES: u32 = 1024;
/// Longest `Data::BigRaw`, in bytes.
pub const MAX_BIG_RAW_BYTES: u32 = 512;

/// One field of a commitment.
///
/// Encoded as one index byte and the payload: None 0, Raw0..Raw128 = 1..129 (the index holds the length, no prefix
/// follows), then 130 to 136 in the order below. Clients see 137 variants in the metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq, MaxEncodedLen)]
pub enum Data {
    /// Nothing.
    #[default]
    None,
    /// Up to 128 bytes.
    Raw(BoundedVec<u8, ConstU32<MAX_RAW_BYTES>>),
    /// A Blake2-256 digest.
    BlakeTwo256([u8; 32]),
    /// A SHA2-256 digest.
    Sha256([u8; 32]),
    /// A Keccak-256 digest.
    Keccak256([u8; 32]),
    /// A SHA3-256 digest.
    ShaThree256([u8; 32]),
    /// Encrypted to a round of the drand beacon. Stored and announced, never revealed here: that needs the beacon.
    TimelockEncrypted {
        /// The ciphertext.
        encrypted: BoundedVec<u8, ConstU32<MAX_TIMELOCK_BYTES>>,
        /// The round whose signature opens it.
        reveal_round: u64,
    },
    /// Asks the subnet to drop all bonds in the sender's neuron.
    ResetBondsFlag,
    /// Up to 512 bytes.
    BigRaw(BoundedVec<u8, ConstU32<MAX_BIG_RAW_BYTES>>),
}

/// Index of `Raw0`; longer ones follow.
const RAW_INDEX: u8 = 1;
/// Index of `Raw128`.
const LAST_RAW_INDEX: u8 = 129;
const BLAKE_TWO_256_INDEX: u8 = 130;
const SHA_256_INDEX: u8 = 131;
const KECCAK_256_INDEX: u8 = 132;
const SHA_THREE_256_INDEX: u8 = 133;
const TIMELOCK_INDEX: u8 = 134;
const RESET_BONDS_INDEX: u8 = 135;
const BIG_RAW_INDEX: u8 = 136;

impl Data {
    /// Bytes that count toward the quota: the payload without index, length prefix and reveal round.
    pub fn quota_bytes(&self) -> u64 {
        let bytes = match self {
            Self::None | Self::ResetBondsFlag => 0,
            Self::Raw(bytes) => bytes.len(),
            Self::BlakeTwo256(digest) | Self::Sha256(digest) | Self::Keccak256(digest) | Self::ShaThree256(digest) => {
                digest.len()
            }
            Self::TimelockEncrypted { encrypted, .. } => encrypted.len(),
            Self::BigRaw(bytes) => bytes.len(),
        };
        bytes as u64
    }
}

impl Encode for Data {
    fn encode_to<T: Output + ?Sized>(&self, dest: &mut T) {
        let mut digest = |index: u8, digest: &[u8; 32]| {
            dest.push_byte(index);
            dest.write(digest);
        };
        match self {
            Self::None => dest.push_byte(0),
            Self::Raw(bytes) => {
                // At most 128 by the bound, so the index is at most 129.
                let length = u8::try_from(bytes.len()).unwrap_or(0);
                dest.push_byte(RAW_INDEX.saturating_add(length));
                dest.write(bytes);
            }
            Self::BlakeTwo256(hash) => digest(BLAKE_TWO_256_INDEX, hash),
            Self::Sha256(hash) => digest(SHA_256_INDEX, hash),
            Self::Keccak256(hash) => digest(KECCAK_256_INDEX, hash),
            Self::ShaThree256(hash) => digest(SHA_THREE_256_INDEX, hash),
            Self::TimelockEncrypted { encrypted, reveal_round } => {
                dest.push_byte(TIMELOCK_INDEX);
                encrypted.encode_to(dest);
                reveal_round.encode_to(dest);
            }
            Self::ResetBondsFlag => dest.push_byte(RESET_BONDS_INDEX),
            Self::BigRaw(bytes) => {
                dest.push_byte(BIG_RAW_INDEX);
                bytes.encode_to(dest);
            }
        }
    }
}

impl EncodeLike for Data {}

impl Decode for Data {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        Ok(match input.read_byte()? {
            0 => Self::None,
            index @ RAW_INDEX..=LAST_RAW_INDEX => {
                let mut bytes: Vec<u8> = vec![0; usize::from(index.saturating_sub(RAW_INDEX))];
                input.read(&mut bytes)?;
                Self::Raw(bytes.try_into().map_err(|_| Error::from("Raw data is too long"))?)
            }
            BLAKE_TWO_256_INDEX => Self::BlakeTwo256(Decode::decode(input)?),
            SHA_256_INDEX => Self::Sha256(Decode::decode(input)?),
            KECCAK_256_INDEX => Self::Keccak256(Decode::decode(input)?),
            SHA_THREE_256_INDEX => Self::ShaThree256(Decode::decode(input)?),
            TIMELOCK_INDEX => {
                Self::TimelockEncrypted { encrypted: Decode::decode(input)?, reveal_round: Decode::decode(input)? }
            }
            RESET_BONDS_INDEX => Self::ResetBondsFlag,
            BIG_RAW_INDEX => Self::BigRaw(Decode::decode(input)?),
            _ => return Err(Error::from("unknown index of commitment data")),
        })
    }
}

impl DecodeWithMemTracking for Data {}

/// Adds `Raw<size>` at index size + 1, a fixed array: in metadata every length is its own variant.
macro_rules! with_raw_variants {
    ($variants:expr, $($size:literal)*) => {
        $variants$(.variant(concat!("Raw", stringify!($size)), |variant| {
            variant.index(RAW_INDEX + $size).fields(Fields::unnamed().field(|field| field.ty::<[u8; $size]>()))
        }))*
    };
}

#[allow(clippy::arithmetic_side_effects)] // Literals below 129.
fn raw_variants(variants: Variants<MetaForm>) -> Variants<MetaForm> {
    with_raw_variants!(variants,
        0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
        64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
        96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120
        121 122 123 124 125 126 127 128)
}

impl TypeInfo for Data {
    type Identity = Self;

    fn type_info() -> Type {
        let digest = || Fields::unnamed().field(|field| field.ty::<[u8; 32]>());
        let variants = raw_variants(Variants::new().variant("None", |variant| variant.index(0)))
            .variant("BlakeTwo256", |variant| variant.index(BLAKE_TWO_256_INDEX).fields(digest()))
            .variant("Sha256", |variant| variant.index(SHA_256_INDEX).fields(digest()))
            .variant("Keccak256", |variant| variant.index(KECCAK_256_INDEX).fields(digest()))
            .variant("ShaThree256", |variant| variant.index(SHA_THREE_256_INDEX).fields(digest()))
            .variant("TimelockEncrypted", |variant| {
                let fields = Fields::named()
                    .field(|field| field.name("encrypted").ty::<BoundedVec<u8, ConstU32<MAX_TIMELOCK_BYTES>>>())
                    .field(|field| field.name("reveal_round").ty::<u64>());
                variant.index(TIMELOCK_INDEX).fields(fields)
            })
            .variant("ResetBondsFlag", |variant| variant.index(RESET_BONDS_INDEX))
            .variant("BigRaw", |variant| {
                let fields = Fields::unnamed().field(|field| field.ty::<BoundedVec<u8, ConstU32<MAX_BIG_RAW_BYTES>>>());
                variant.index(BIG_RAW_INDEX).fields(fields)
            });
        Type::builder().path(Path::new("Data", module_path!())).variant(variants)
    }
}

/// What a hotkey commits: up to `FieldLimit` fields.
#[derive(
    CloneNoBound,
    DebugNoBound,
    DefaultNoBound,
    PartialEqNoBound,
    EqNoBound,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(FieldLimit))]
pub struct CommitmentInfo<FieldLimit: Get<u32>> {
    /// The fields, in the order given.
    pub fields: BoundedVec<Data, FieldLimit>,
}

impl<FieldLimit: Get<u32>> CommitmentInfo<FieldLimit> {
    /// What this commitment takes from the quota.
    pub fn quota_bytes(&self) -> u64 {
        self.fields.iter().fold(0, |sum: u64, field| sum.saturating_add(field.quota_bytes()))
    }

    /// The round of the first timelocked field.
    pub fn reveal_round(&self) -> Option<u64> {
        self.fields.iter().find_map(|field| match field {
            Data::TimelockEncrypted { reveal_round, .. } => Some(*reveal_round),
            _ => None,
        })
    }

    /// True if a field asks for a reset of bonds.
    pub fn resets_bonds(&self) -> bool {
        self.fields.contains(&Data::ResetBondsFlag)
    }
}

/// A hotkey's slot in a subnet.
#[derive(CloneNoBound, DebugNoBound, PartialEqNoBound, EqNoBound, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[codec(mel_bound())]
#[scale_info(skip_type_params(MaxFields))]
pub struct Registration<Balance, MaxFields, BlockNumber>
where
    Balance: Codec + MaxEncodedLen + Clone + Debug + Eq,
    MaxFields: Get<u32>,
    BlockNumber: Codec + MaxEncodedLen + Clone + Debug + Eq,
{
    /// Rao held; 0.
    pub deposit: Balance,
    /// The block of the call.
    pub block: BlockNumber,
    /// What was committed.
    pub info: CommitmentInfo<MaxFields>,
}

/// What a hotkey used of its quota in a subnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UsageTracker {
    /// The epoch index that `used_space` counts for.
    pub last_epoch: u64,
    /// Bytes charged in that epoch.
    pub used_space: u64,
}
