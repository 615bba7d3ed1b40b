/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has computed points. */
#include "estimate/job_type.h"
#include "results/results.h"

#include <string.h>

bool ms_results_is_direct(const ms_results_info *info, size_t point)
{
    size_t estimator = info->point_estimator[point];
    return estimator != MS_NO_ESTIMATOR && strcmp(info->estimator[estimator], ms_direct_job.kind.name) == 0;
}

bool ms_results_has_direct(const ms_results_info *info)
{
    for (size_t p = 0; p < info->points; p++)
        if (ms_results_is_direct(info, p))
            return true;
    return false;
}

bool ms_results_is_all_direct(const ms_results_info *info)
{
    for (size_t p = 0; p < info->points; p++)
        if (!ms_results_is_direct(info, p))
            return false;
    return true;
}
