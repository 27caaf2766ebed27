//! The products of a question with the codes, in loops that compilers turn into vectors.

use multiversion::multiversion;

use super::best::{Best, Candidate};

/// Codes that are read together.
const BLOCK: usize = 4096;
/// A block is read from several places at once: memory answers one stream of reads at half its speed.
const STREAMS: usize = 8;
const STREAM: usize = BLOCK / STREAMS;
/// Codes that are compared with many questions while they are near: as 16 bits they are half of a first-level cache.
const NEAR: usize = 64;
/// Questions that are compared with a code at a time.
const AT_A_TIME: usize = 4;

/// What is asked for, in steps.
pub(super) type Asked<const D: usize> = [i16; D];

/// Some codes, with what their steps are worth, and the place of the first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a, const D: usize> {
    codes: &'a [[i8; D]],
    steps: &'a [f32],
    first: usize,
}

/// All codes, block by block.
pub(super) fn blocks<'a, const D: usize>(codes: &'a [[i8; D]], steps: &'a [f32]) -> impl Iterator<Item = Block<'a, D>> {
    let firsts = (0..).step_by(BLOCK);
    codes.chunks(BLOCK).zip(steps.chunks(BLOCK)).zip(firsts).map(|((codes, steps), first)| Block {
        codes,
        steps,
        first,
    })
}

impl<const D: usize> Block<'_, D> {
    /// Offers those that are wanted and may be among the best.
    pub(super) fn products(&self, asked: &Asked<D>, best: &mut Best<'_>, wanted: impl Fn(u32) -> bool) {
        let mut products = [0; BLOCK];
        if let Ok(codes) = <&[[i8; D]; BLOCK]>::try_from(self.codes) {
            streams(codes, asked, &mut products);
        } else {
            each(self.codes, asked, &mut products);
        }
        offer(&products[..self.codes.len()], self.steps, self.first, best, wanted);
    }

    /// Offers to each question's best.
    pub(super) fn products_many(&self, asked: &[Asked<D>], best: &mut [Best<'_>]) {
        let mut wide = [[0; D]; NEAR];
        let rows = self.codes.chunks(NEAR).zip(self.steps.chunks(NEAR)).zip((self.first..).step_by(NEAR));
        for ((codes, steps), first) in rows {
            widen(codes, &mut wide);
            let mut products = [[0; NEAR]; AT_A_TIME];
            for (asked, best) in asked.chunks(AT_A_TIME).zip(best.chunks_mut(AT_A_TIME)) {
                if let Ok(asked) = <&[Asked<D>; AT_A_TIME]>::try_from(asked) {
                    several(&wide, asked, &mut products);
                } else {
                    asked.iter().zip(&mut products).for_each(|(asked, products)| one(&wide, asked, products));
                }
                for (best, products) in best.iter_mut().zip(&products) {
                    offer(&products[..codes.len()], steps, first, best, |_| true);
                }
            }
        }
    }
}

#[inline(always)]
fn product<A: Copy + Into<i32>, const D: usize>(code: &[A; D], asked: &Asked<D>) -> i32 {
    let mut sum = 0;
    for (&a, &b) in code.iter().zip(asked) {
        sum += a.into() * i32::from(b);
    }
    sum
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn streams<const D: usize>(codes: &[[i8; D]; BLOCK], asked: &Asked<D>, products: &mut [i32; BLOCK]) {
    for row in 0..STREAM {
        for stream in 0..STREAMS {
            let place = stream * STREAM + row;
            products[place] = product(&codes[place], asked);
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn each<const D: usize>(codes: &[[i8; D]], asked: &Asked<D>, products: &mut [i32; BLOCK]) {
    for (code, sum) in codes.iter().zip(products) {
        *sum = product(code, asked);
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn several<const D: usize>(
    codes: &[[i16; D]; NEAR],
    asked: &[Asked<D>; AT_A_TIME],
    products: &mut [[i32; NEAR]; AT_A_TIME],
) {
    for (place, code) in codes.iter().enumerate() {
        for (asked, products) in asked.iter().zip(&mut *products) {
            products[place] = product(code, asked);
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn one<const D: usize>(codes: &[[i16; D]; NEAR], asked: &Asked<D>, products: &mut [i32; NEAR]) {
    for (code, sum) in codes.iter().zip(products) {
        *sum = product(code, asked);
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn widen<const D: usize>(codes: &[[i8; D]], wide: &mut [[i16; D]; NEAR]) {
    for (code, wide) in codes.iter().zip(wide) {
        for (&number, wide) in code.iter().zip(wide) {
            *wide = i16::from(number);
        }
    }
}

/// Products that are looked at together.
const LOOK: usize = 64;

/// Passes over most candidates a handful at a time: few are not below the floor.
fn offer(products: &[i32], steps: &[f32], first: usize, best: &mut Best<'_>, wanted: impl Fn(u32) -> bool) {
    for ((products, steps), from) in products.chunks(LOOK).zip(steps.chunks(LOOK)).zip((first..).step_by(LOOK)) {
        if !any_reaches(products, steps, best.floor()) {
            continue;
        }
        for ((&product, &step), place) in products.iter().zip(steps).zip(from..) {
            let product = product as f32 * step;
            let place = u32::try_from(place).expect("there are at most u32::MAX vectors");
            if product >= best.floor() && wanted(place) {
                best.push(Candidate { product, place });
            }
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn any_reaches(products: &[i32], steps: &[f32], floor: f32) -> bool {
    products.iter().zip(steps).fold(false, |any, (&product, &step)| any | (product as f32 * step >= floor))
}
