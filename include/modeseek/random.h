/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file random.h
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11; Random123).
 *
 * A number is a pure function of what it is for: the 64-bit key names a seed and a point of the sweep, the
 * 128-bit counter names chain, iteration, purpose and draw. Nothing is advanced, so results do not depend on
 * where, when or beside whom a chain ran.
 *
 *     counter word 0   draw         (which block of 128 bits)
 *     counter word 1   iteration    (low 32 bits)
 *     counter word 2   iteration    (bits 32..55) | purpose << 24
 *     counter word 3   chain
 *
 * Block `draw` makes normals number 4 draw to 4 draw + 3, two words a pair: one the distance from the origin,
 * the other the angle. A word below 2^-16 of its range is refined by that in its place of block draw + 2^31,
 * so that tails are exact to 9.4 standard deviations. In the reduced engine iterations 2 k and 2 k + 1 share
 * the blocks of iteration 2 k, two words a slot, from a block on that the kind of patch decides: slots of
 * normals for the projection and the radial direction, then those of the chi-square variate of the other
 * directions. Blocks from draw 2^30 on are for gamma variates that are not accepted at once.
 *
 * docs/random-numbers.md has all of it, exactly enough to write it again. The layout is frozen by
 * tests/data/known_answers.txt; changing it changes every result. */
#ifndef MODESEEK_RANDOM_H
#define MODESEEK_RANDOM_H

#include <gsl/gsl_rng.h>
#include <modeseek/export.h>
#include <stddef.h>
#include <stdint.h>

MS_BEGIN_API

/** What a number is for; part of the counter, so that purposes never share numbers. */
typedef enum ms_purpose {
    MS_PURPOSE_NOISE = 0,          /**< the Langevin noise of an iteration */
    MS_PURPOSE_START = 1,          /**< a chain's start */
    MS_PURPOSE_START_RADIUS = 2,   /**< a reduced chain's start: its distance from the span of the means */
    MS_PURPOSE_POSITION = 3,       /**< the directions of a reduced chain's position */
    MS_PURPOSE_START_UNIFORM = 4,  /**< a chain's start: uniforms beside its normals */
    MS_PURPOSE_START_MOMENTUM = 5, /**< a chain's start: its momentum */
    MS_PURPOSE_ACCEPT = 6,         /**< the uniform that accepts a proposal */
    MS_PURPOSE_SELECT = 7,         /**< which particles of splitting are copied */
    MS_PURPOSE_PIECE = 8,          /**< the noise of a piece of an iteration */
    MS_PURPOSE_PIECE_RADIUS = 9,   /**< its part outside the span of the means */
    MS_PURPOSE_USER = 64           /**< this and all above, up to 255, are the caller's */
} ms_purpose;

/** Where in the random numbers to read. `iteration` uses its low 56 bits. */
typedef struct ms_stream {
    uint64_t key;
    uint32_t chain;
    uint64_t iteration;
    ms_purpose purpose;
} ms_stream;

/** The 128 bits of block `draw` of a stream. */
void ms_stream_words(const ms_stream *stream, uint32_t draw, uint32_t word[4]);

/** Standard normals number 0..n-1 of a stream: block `draw` makes number 4 draw to 4 draw + 3, by Box-Muller,
 * two words a pair. Exact to 9.4 standard deviations. Same bits as the vectorised samplers.
 * @param normal  out: n doubles */
void ms_stream_normals(const ms_stream *stream, double *normal, size_t n);

/** A GSL generator that reads the blocks of a stream in order; start it with ms_gsl_rng_seek(). Its `set`
 * (gsl_rng_set) makes the key from the seed. Feed it to gsl_ran_*() where speed does not matter. */
extern const gsl_rng_type *const ms_gsl_rng_philox;

/** Puts a generator of type ms_gsl_rng_philox at the beginning of a stream. */
void ms_gsl_rng_seek(gsl_rng *rng, const ms_stream *stream);

/** FNV-1a over 64-bit words, little-endian whatever the host, with a final mix: makes keys. */
typedef struct ms_hash {
    uint64_t state;
} ms_hash;

/** An empty hash. */
ms_hash ms_hash_init(void);
void ms_hash_u64(ms_hash *hash, uint64_t value);
/** Hashes the bits; -0.0 counts as 0.0. */
void ms_hash_double(ms_hash *hash, double value);
void ms_hash_bytes(ms_hash *hash, const void *bytes, size_t size);
uint64_t ms_hash_value(const ms_hash *hash);

MS_END_API
#endif
