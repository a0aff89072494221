//! A square sparse matrix of fixed-point numbers: row by validator, entry by miner.

use crate::fixed::{at, I32F32};
use alloc::{vec, vec::Vec};

/// (column, value), columns ascending, each at most once. Explicit zeros are entries.
pub(crate) type Row = Vec<(u16, I32F32)>;

/// One row a neuron.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matrix {
    rows: Vec<Row>,
}

impl Matrix {
    /// Reads stored rows as an n by n matrix: missing rows are empty, columns from n on are dropped, of several entries
    /// for one column the last counts.
    pub(crate) fn from_rows(stored: &[Vec<(u16, u16)>], n: usize, read: impl Fn(u16) -> I32F32) -> Self {
        let mut rows: Vec<Row> = stored.iter().take(n).map(|row| read_row(row, n, &read)).collect();
        rows.resize_with(n, Vec::new);
        Self { rows }
    }

    /// From rows that already hold ascending columns below their number.
    pub(crate) fn new(rows: Vec<Row>) -> Self {
        Self { rows }
    }

    /// The rows.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Drops the entries for which `keep(row, column)` is false.
    pub(crate) fn retain(&mut self, keep: impl Fn(usize, usize) -> bool) {
        for (i, row) in self.rows.iter_mut().enumerate() {
            row.retain(|(j, _)| keep(i, usize::from(*j)));
        }
    }

    /// Divides each row by its sum; rows that sum to 0 stay.
    pub(crate) fn normalise_rows(&mut self) {
        for row in &mut self.rows {
            let sum: I32F32 = row.iter().map(|(_, value)| *value).sum();
            if sum > I32F32::ZERO {
                row.iter_mut().for_each(|(_, value)| *value = value.div(sum));
            }
        }
    }

    /// Divides each column by its sum; columns that sum to 0 stay.
    pub(crate) fn normalise_columns(&mut self) {
        let sums = self.fold_columns(I32F32::add);
        self.divide_columns(&sums);
    }

    /// Divides each column by its largest entry; columns of zeros stay.
    pub(crate) fn upscale_columns(&mut self) {
        let largest = self.fold_columns(I32F32::max);
        self.divide_columns(&largest);
    }

    /// Sum of each row.
    pub(crate) fn row_sums(&self) -> Vec<I32F32> {
        self.rows.iter().map(|row| row.iter().map(|(_, value)| *value).sum()).collect()
    }

    /// By column: sum over rows of `vector[row] * entry`.
    pub(crate) fn left_product(&self, vector: &[I32F32]) -> Vec<I32F32> {
        let mut out = vec![I32F32::ZERO; self.rows.len()];
        for (row, scale) in self.rows.iter().zip(vector) {
            for (j, value) in row {
                if let Some(cell) = out.get_mut(usize::from(*j)) {
                    *cell = cell.add(scale.mul(*value));
                }
            }
        }
        out
    }

    /// By row: sum over columns of `entry * vector[column]`.
    pub(crate) fn right_product(&self, vector: &[I32F32]) -> Vec<I32F32> {
        let term = |(j, value): &(u16, I32F32)| value.mul(at(vector, usize::from(*j)));
        self.rows.iter().map(|row| row.iter().map(term).sum()).collect()
    }

    /// Multiplies each row by its number.
    pub(crate) fn scale_rows(&mut self, scales: &[I32F32]) {
        for (row, scale) in self.rows.iter_mut().zip(scales) {
            row.iter_mut().for_each(|(_, value)| *value = value.mul(*scale));
        }
    }

    /// Cuts each entry to its column's ceiling; an entry above a ceiling of 0 goes.
    pub(crate) fn clip_columns(&self, ceilings: &[I32F32]) -> Self {
        let clip = |(j, value): &(u16, I32F32)| {
            let ceiling = at(ceilings, usize::from(*j));
            let keep = ceiling >= *value || ceiling > I32F32::ZERO;
            keep.then(|| (*j, ceiling.min(*value)))
        };
        Self { rows: self.rows.iter().map(|row| collected(row.len(), row.iter().filter_map(clip))).collect() }
    }

    /// `self + ratio * (other - self)`; exactly `self` at 0 and exactly `other` at 1, else only entries above 0.
    ///
    /// `other` holds no columns that `self` lacks.
    pub(crate) fn interpolate(&self, other: &Self, ratio: I32F32) -> Self {
        if ratio == I32F32::ZERO {
            return self.clone();
        }
        if ratio == I32F32::ONE {
            return other.clone();
        }
        let mix = |row: &Row, others: &Row| {
            let wide = |(j, value): &(u16, I32F32)| {
                let mixed = value.add(ratio.mul(entry(others, *j).sub(*value)));
                (mixed > I32F32::ZERO).then_some((*j, mixed))
            };
            collected(row.len(), row.iter().filter_map(wide))
        };
        Self { rows: self.rows.iter().zip(&other.rows).map(|(a, b)| mix(a, b)).collect() }
    }

    /// Moving average `alpha * self + (1 - alpha) * old`, entries above 0 of either.
    pub(crate) fn moving_average(&self, old: &Self, alpha: I32F32) -> Self {
        let rest = I32F32::ONE.sub(alpha);
        let n = self.rows.len();
        let average = |(new_row, old_row): (&Row, &Row)| {
            let mut dense = vec![I32F32::ZERO; n];
            for (row, factor) in [(new_row, alpha), (old_row, rest)] {
                for (j, value) in row {
                    if let Some(cell) = dense.get_mut(usize::from(*j)) {
                        *cell = cell.add(factor.mul(*value));
                    }
                }
            }
            collected(n, (0..=u16::MAX).zip(dense).filter(|(_, value)| *value > I32F32::ZERO))
        };
        Self { rows: self.rows.iter().zip(&old.rows).map(average).collect() }
    }

    fn fold_columns(&self, fold: fn(I32F32, I32F32) -> I32F32) -> Vec<I32F32> {
        let mut out = vec![I32F32::ZERO; self.rows.len()];
        for (j, value) in self.rows.iter().flatten() {
            if let Some(cell) = out.get_mut(usize::from(*j)) {
                *cell = fold(*cell, *value);
            }
        }
        out
    }

    fn divide_columns(&mut self, divisors: &[I32F32]) {
        for (j, value) in self.rows.iter_mut().flatten() {
            let divisor = at(divisors, usize::from(*j));
            if divisor != I32F32::ZERO {
                *value = value.div(divisor);
            }
        }
    }
}

/// The entry of a row at a column, 0 where there is none.
pub(crate) fn entry(row: &Row, column: u16) -> I32F32 {
    let found = row.binary_search_by_key(&column, |(j, _)| *j);
    found.ok().and_then(|place| row.get(place)).map_or(I32F32::ZERO, |(_, value)| *value)
}

/// A row of at most so many entries: one that grows is copied time and again.
fn collected(most: usize, entries: impl Iterator<Item = (u16, I32F32)>) -> Row {
    let mut row = Row::with_capacity(most);
    row.extend(entries);
    row
}

fn read_row(stored: &[(u16, u16)], n: usize, read: impl Fn(u16) -> I32F32) -> Row {
    let below = stored.iter().filter(|(j, _)| usize::from(*j) < n);
    let mut row = collected(stored.len(), below.map(|(j, value)| (*j, read(*value))));
    if row.is_sorted_by(|one, next| one.0 < next.0) {
        return row;
    }
    // Stable: of several entries for one column the last stored one comes last, and replaces those before it.
    row.sort_by_key(|(j, _)| *j);
    row.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = later.1;
        }
        same
    });
    row
}
