/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small data set without symmetries, and targets made of it. Failures end the test. */
#ifndef MS_TEST_DATA_H
#define MS_TEST_DATA_H

#include "fixtures.h"
#include "target/family/empirical.h"
#include "target/target_type.h"

#include <math.h>

enum { data_rows = 4, data_columns = 3, data_dimension = 12, data_count = 7 };

/* Images between 0 and 1; the first two are near each other. */
static inline ms_data_set *make_data(void)
{
    static const int32_t label[data_count] = {0, 0, 1, 2, 1, 2, 2};
    ms_data_set *set = calloc(1, sizeof *set);
    assert_non_null(set);
    *set = (ms_data_set){.count = data_count,
                         .dimension = data_dimension,
                         .rows = data_rows,
                         .columns = data_columns,
                         .value = malloc(data_count * data_dimension * sizeof *set->value),
                         .label = malloc(sizeof label),
                         .labels = 3};
    assert_non_null(set->value);
    assert_non_null(set->label);
    memcpy(set->label, label, sizeof label);
    for (size_t k = 0; k < data_count; k++)
        for (size_t j = 0; j < data_dimension; j++)
            set->value[k * data_dimension + j] =
                (float)(0.3 + 0.3 * sin(1.7 * (double)(k > 0 ? k - 1 : 0) + 0.9 * (double)j) +
                        (k == 1 ? 0.02 : 0));
    return set;
}

static inline void free_data(ms_data_set *set)
{
    free(set->value);
    free(set->label);
    free(set);
}

static inline ms_target *data_target(const ms_data_set *set, size_t count, bool flips, ms_pixel_order order)
{
    const ms_empirical_params params = {
        .data = {.train = set}, .count = count, .flips = flips, .pixel_order = order};
    ms_target *target = NULL;
    ms_error error = {0};
    if (ms_target_make(&target, ms_target_empirical, &params, set->dimension, &error) != MS_OK)
        fail_msg("%s", error.message);
    return target;
}

#endif
