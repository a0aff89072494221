//! Consensus: the stake-weighted median of what the validators say about one neuron.

use crate::fixed::{at, normalise, I32F32};
use crate::matrix::Matrix;
use alloc::vec::Vec;

/// The score at which the stake below reaches `minority`, by quickselect around the middle element.
///
/// `stake` and `score` have the same length, stake sums to about 1. The steps, and with them the answer where truncated
/// stakes do not sum to exactly 1, are upstream's. 0 without scores. Ends within as many rounds as there are scores,
/// since each round drops at least its pivot.
#[must_use]
pub fn weighted_median(stake: &[I32F32], score: &[I32F32], minority: I32F32) -> I32F32 {
    let mut part: Vec<(I32F32, I32F32)> = score.iter().copied().zip(stake.iter().copied()).collect();
    let mut low = I32F32::ZERO;
    let mut high = stake.iter().sum::<I32F32>();
    loop {
        let middle = part.len().checked_shr(1).unwrap_or(0);
        let Some((pivot, _)) = part.get(middle).copied() else {
            return I32F32::ZERO;
        };
        if part.len() == 1 {
            return pivot;
        }
        let (mut below, mut above) = (None, None);
        for (score, stake) in &part {
            if *score < pivot {
                below = Some(below.unwrap_or(I32F32::ZERO).add(*stake));
            } else if *score > pivot {
                above = Some(above.unwrap_or(I32F32::ZERO).add(*stake));
            }
        }
        let (stake_below, stake_above) = (below.unwrap_or_default(), above.unwrap_or_default());
        if below.is_some() && minority < low.add(stake_below) {
            part.retain(|(score, _)| *score < pivot);
            high = low.add(stake_below);
        } else if above.is_some() && high.sub(stake_above) <= minority {
            part.retain(|(score, _)| *score > pivot);
            low = high.sub(stake_above);
        } else {
            return pivot;
        }
    }
}

/// The weighted median of every column over the rows with stake; absent entries count as 0.
pub(crate) fn consensus(stake: &[I32F32], weights: &Matrix, majority: I32F32) -> Vec<I32F32> {
    let staked = || weights.rows().iter().zip(stake).filter(|(_, stake)| **stake > I32F32::ZERO);
    let mut shares: Vec<I32F32> = staked().map(|(_, stake)| *stake).collect();
    normalise(&mut shares);
    let minority = shares.iter().sum::<I32F32>().sub(majority);

    let mut columns: Vec<Vec<I32F32>> = alloc::vec![alloc::vec![I32F32::ZERO; shares.len()]; weights.rows().len()];
    for (place, (row, _)) in staked().enumerate() {
        for (j, value) in row {
            let cell = columns.get_mut(usize::from(*j)).and_then(|column| column.get_mut(place));
            if let Some(cell) = cell {
                *cell = *value;
            }
        }
    }
    columns.iter().map(|scores| column_median(&shares, scores, minority)).collect()
}

/// Columns without any weight are common (every validator's own): their median is 0 without a search.
fn column_median(shares: &[I32F32], scores: &[I32F32], minority: I32F32) -> I32F32 {
    let first = at(scores, 0);
    if scores.iter().all(|score| *score == first) {
        return first;
    }
    weighted_median(shares, scores, minority)
}
