/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimate/law_types.h"
#include "sampler/sampler_type.h"

const ms_choice ms_law_choices[] = {
    {"auto", MS_LAW_AUTO}, {"reduced", MS_LAW_REDUCED}, {"generic", MS_LAW_GENERIC}, {NULL, 0}};

const ms_choice ms_coordinate_choices[] = {{"rule", MS_COORDINATE_RULE},
                                           {"responsibility", MS_COORDINATE_RESPONSIBILITY},
                                           {"distance", MS_COORDINATE_DISTANCE},
                                           {"forecast", MS_COORDINATE_FORECAST},
                                           {NULL, 0}};

/* What none of them can do. */
static ms_status check(const ms_run_params *run, ms_error *error)
{
    ms_status status = ms_run_check_law(run, error);
    if (status != MS_OK)
        return status;
    const char *refused = ms_schedule_levels(&run->schedule) > 1 ? "schedules of several noise levels"
                          : run->patch_size > 0 && run->patch_size < run->target->dimension ? "patches"
                          : run->clause_count == 0 ? "runs without discovery rules"
                                                   : NULL;
    return refused
               ? ms_error_set(error, MS_ERROR_ARGUMENT,
                              "rare discoveries can be estimated by direct simulation alone for %s", refused)
               : MS_OK;
}

ms_status ms_law_alloc_in_pieces(ms_law **law, ms_law_choice choice, ms_coordinate coordinate,
                                 unsigned pieces, const ms_run_params *run, uint64_t key, ms_error *error)
{
    *law = NULL;
    ms_status status = check(run, error);
    if (status != MS_OK)
        return status;
    const char *refused = ms_law_reduced_refuses(run);
    bool is_reduced = choice == MS_LAW_REDUCED || (choice == MS_LAW_AUTO && !refused);
    if (!is_reduced)
        refused = ms_law_generic_refuses(run);
    if (refused)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "the law %s %s", is_reduced ? "reduced" : "generic",
                            refused);
    bool is_forecast = coordinate == MS_COORDINATE_FORECAST;
    if (pieces > (is_reduced && is_forecast ? MS_LAW_PIECES_MAX : 1))
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "steps have up to %d pieces where the law is reduced and the coordinate forecast, "
            "and one piece elsewhere",
            MS_LAW_PIECES_MAX);
    if (is_reduced && is_forecast)
        return ms_law_substep_alloc(law, run, pieces, key, error);
    coordinate = is_forecast ? MS_COORDINATE_RULE : coordinate;
    return (is_reduced ? ms_law_reduced_alloc : ms_law_generic_alloc)(law, run, coordinate, key, error);
}

ms_status ms_law_alloc(ms_law **law, ms_law_choice choice, ms_coordinate coordinate, const ms_run_params *run,
                       uint64_t key, ms_error *error)
{
    return ms_law_alloc_in_pieces(law, choice, coordinate, 1, run, key, error);
}

size_t ms_law_rows_most(const ms_run_shape *shape)
{
    if (shape->engine == MS_ENGINE_REDUCED)
        return shape->components + 1;
    return shape->dimension * (2 + shape->sampler->vectors) + shape->sampler->numbers + 1 +
           2 * shape->components;
}
