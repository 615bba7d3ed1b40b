/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slurm/duration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LARGEST 10000000UL /* of a part: of minutes, 19 years */

/* The number at `*at`, of one digit or more, and of `limit` - 1 at most; moves behind it. */
static bool read_part(const char **at, unsigned long limit, double *value)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    *value = (double)number;
    return number < limit;
}

bool ms_slurm_read_duration(const char *word, double *seconds)
{
    if (strcasecmp(word, "UNLIMITED") == 0 || strcasecmp(word, "INFINITE") == 0) {
        *seconds = INFINITY;
        return true;
    }
    const char *at = word;
    double days = 0, part[3] = {0};
    bool has_days = strchr(word, '-') != NULL;
    if (has_days && (!read_part(&at, LARGEST, &days) || *at++ != '-'))
        return false;
    int parts = 0;
    do {
        if (!read_part(&at, parts > 0 ? 60 : has_days ? 24 : LARGEST, &part[parts]))
            return false;
        parts++;
    } while (parts < 3 && *at == ':' && at++);
    if (*at)
        return false;
    /* after days the first part is hours; else three parts begin with hours, fewer with minutes */
    static const double unit[] = {3600, 60, 1};
    int first = has_days || parts == 3 ? 0 : 1;
    *seconds = 86400 * days;
    for (int i = 0; i < parts; i++)
        *seconds += unit[first + i] * part[i];
    return true;
}
