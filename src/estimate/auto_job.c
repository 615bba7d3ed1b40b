/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job type `auto`, which only chooses: quadrature where it can, else what is likely to be cheapest. */
#include "estimate/estimator_fields.h"
#include "estimate/outlook.h"
#include "estimate/replicate.h"

#include <math.h>

#define RELATIVE_ERROR 0.02 /* for which costs are compared */
#define LOG_RESTART_MOST                                                                                     \
    25.0 /* means of more than about e^25 iterations are not to be trusted to RESTART                        \
          */

typedef struct auto_fields {
    ms_quadrature_fields quadrature;
    ms_reversible_flux_fields reversible_flux;
    ms_restart_fields restart;
    ms_splitting_fields splitting;
} auto_fields;

#define SECTION(name)                                                                                        \
    {                                                                                                        \
        .key = #name, .type = MS_FIELD_SECTION, .role = MS_ROLE_RECORD, .doc = "fields of that estimator",   \
        .fallback = "{}", .offset = offsetof(auto_fields, name), .schema = &ms_##name##_schema               \
    }
static const ms_field fields[] = {SECTION(quadrature), SECTION(reversible_flux), SECTION(restart),
                                  SECTION(splitting)};
static const ms_schema schema = {"estimator auto", fields, sizeof fields / sizeof *fields};

extern const ms_job_type ms_quadrature_job, ms_reversible_flux_job, ms_restart_job, ms_splitting_job;

static const ms_job_choice choices[] = {{&ms_quadrature_job, offsetof(auto_fields, quadrature)},
                                        {&ms_reversible_flux_job, offsetof(auto_fields, reversible_flux)},
                                        {&ms_restart_job, offsetof(auto_fields, restart)},
                                        {&ms_splitting_job, offsetof(auto_fields, splitting)},
                                        {&ms_direct_job, 0},
                                        {NULL, 0}};

/* What the outlook calls it, as far as costs go; MS_WAYS: it is not asked. */
static ms_way way_of(const ms_job_type *type)
{
    bool is_splitting = type == &ms_restart_job || type == &ms_splitting_job;
    return type == &ms_reversible_flux_job ? MS_WAY_FLUX : is_splitting ? MS_WAY_RESTART : MS_WAYS;
}

/* Where nothing is known of the mean, RESTART simulates directly by itself as far as that does. */
static ms_status declines(const ms_job_choice *choice, const ms_job_params *params, ms_error *error)
{
    ms_way way = way_of(choice->type);
    double seconds = 0, of_direct = 0, log_mean = -INFINITY;
    for (size_t rule = 0; way < MS_WAYS && rule < params->rules; rule++) {
        const ms_job_params one = ms_replicates_params_of_rule(params, rule);
        ms_outlook outlook;
        ms_status status = ms_outlook_of(&one.run, RELATIVE_ERROR, &outlook, error);
        if (status != MS_OK)
            return status;
        if (outlook.has_stepping_stone) /* chains would have to be followed until they come back from there */
            return ms_error_set(error, MS_ERROR_ARGUMENT, "%s", outlook.unknown.message);
        seconds += outlook.way[way].seconds;
        of_direct += outlook.way[MS_WAY_DIRECT].seconds;
        log_mean = fmax(log_mean, outlook.log_mean);
    }
    if (of_direct < seconds)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "direct simulation is cheaper: about %.2g s instead of %.2g for 2 %%", of_direct,
                            seconds);
    if (choice->type == &ms_restart_job && log_mean > LOG_RESTART_MOST)
        return ms_error_set(error, MS_ERROR_ARGUMENT,
                            "a mean of about e^%.0f iterations is more than RESTART can be trusted with",
                            log_mean);
    return MS_OK;
}

const ms_job_type ms_auto_job = {
    .kind = {.name = "auto",
             .doc = "quadrature where that applies, else the cheapest that is valid",
             .schema = &schema,
             .params_size = sizeof(auto_fields)},
    .choices = choices,
    .declines = declines};
