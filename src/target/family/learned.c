/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vectors of a data set, with the score that a network has learned from them: components, modes and
 * starts are those of the family `empirical`, but the denoised mean is the network's. It has no density. */
#include "target/family/learned_denoiser.h"

#include "target/empirical_content.h"
#include "target/family/empirical_denoiser.h"

#include <math.h>

static ms_status fits(const void *params, size_t dimension, ms_error *error)
{
    const ms_network *network = ((const ms_learned_params *)params)->network;
    if (network && network->dimension != dimension)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "the weights are for vectors of %zu numbers, but the grid has dimension %zu",
                            network->dimension, dimension);
    return ms_empirical_fits(params, dimension, error);
}

static ms_status make(void **content, const void *params, size_t dimension, ms_error *error)
{
    const ms_network *network = ((const ms_learned_params *)params)->network;
    *content = NULL;
    if (!network)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the weights of the target are not at hand");
    ms_status status = fits(params, dimension, error);
    if (status == MS_OK)
        status = ms_empirical_make(content, params, dimension, error);
    if (status == MS_OK)
        ((ms_empirical *)*content)->network = network;
    return status;
}

/* Neither densities nor, chain by chain, scores: what it can do, its denoiser does. */
static unsigned gives(const void *content)
{
    (void)content;
    return MS_GIVES_DRAWS | MS_NEEDS_NOISE;
}

static double weight(const void *content, size_t component)
{
    (void)content;
    (void)component;
    return (double)NAN;
}

static void hash(const void *content, ms_hash *hash)
{
    ms_empirical_hash(content, hash);
    ms_hash_u64(hash, ((const ms_empirical *)content)->network->digest);
}

static size_t none(const void *content)
{
    (void)content;
    return 0;
}

static size_t no_rows(const void *content, size_t length)
{
    (void)content;
    (void)length;
    return 0;
}

static void evaluate(const void *content, const ms_place *place, const double *constants,
                     const ms_evaluation *of)
{
    (void)constants;
    if (of->statistics)
        MS_TYPE_NAME(ms_empirical_find_distances)(content, place, of->x, of->statistics);
}

static double log_constant(const void *content)
{
    (void)content;
    return (double)NAN;
}

const ms_target_type MS_TYPE_NAME(ms_learned) = {.kind = {.name = "learned",
                                                          .doc = "a data set, with a score learned from it",
                                                          .schema = &ms_learned_schema,
                                                          .params_size = sizeof(ms_learned_params),
                                                          .fits = fits},
                                                 .count = ms_empirical_count,
                                                 .component = ms_empirical_describe,
                                                 .is_isotropic = ms_empirical_is_isotropic,
                                                 .modes = ms_empirical_modes,
                                                 .mode_of = ms_empirical_mode_of,
                                                 .alloc = make,
                                                 .free = ms_empirical_destroy,
                                                 .gives = gives,
                                                 .components = ms_empirical_components,
                                                 .weight = weight,
                                                 .mean = ms_empirical_mean,
                                                 .variance = ms_empirical_variance,
                                                 .variance_max = ms_empirical_variance,
                                                 .label = ms_empirical_label,
                                                 .hash = hash,
                                                 .isotropic = ms_empirical_isotropic,
                                                 .context_rows = none,
                                                 .statistics = ms_empirical_components,
                                                 .scratch = no_rows,
                                                 .constants = no_rows,
                                                 .evaluate = evaluate,
                                                 .measure = MS_TYPE_NAME(ms_empirical_measure),
                                                 .log_constant = log_constant,
                                                 .draw = MS_TYPE_NAME(ms_empirical_draw),
                                                 .denoiser = &MS_TYPE_NAME(ms_learned_denoiser)};
