/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/advice_parts.h"

#include "cli/output.h"

#include <math.h>
#include <stdio.h>

const char *const ms_spent_name[] = {"iterations", "coordinate_updates", "seconds", NULL};
const char *const ms_spent_words[] = {"iterations", "coordinate updates", "CPU time"};
const char *const ms_until_name[] = {"any", "all"};

const ms_point *ms_advice_point(const ms_race *race, size_t candidate)
{
    return &race->sweep->points[race->candidate[candidate].point];
}

const ms_settings *ms_advice_settings(const ms_race *race)
{
    return ms_sweep_settings(race->sweep, race->candidate[0].point);
}

int ms_advice_untils(const ms_race *race)
{
    return ms_sweep_modes(race->sweep) > 1 ? MS_UNTIL_COUNT : MS_UNTIL_ALL;
}

static void format_time(double seconds, char *text, size_t size)
{
    static const char *const unit[] = {"s", "ms", "us", "ns"};
    size_t u = 0;
    char number[32];
    for (; seconds < 0.9995 && seconds > 0 && u < 3; u++)
        seconds *= 1000;
    ms_format_short(seconds, number, sizeof number);
    snprintf(text, size, "%s %s", number, unit[u]);
}

void ms_format_spent(ms_spent spent, double amount, char *text, size_t size)
{
    if (spent == MS_SPENT_SECONDS && isfinite(amount))
        format_time(amount, text, size);
    else
        ms_format_short(amount, text, size);
}

void ms_format_candidate(const ms_candidate *c, ms_until until, ms_spent spent, char text[MS_ADVICE_TEXT])
{
    char value[40], low[40], high[40];
    const ms_interval amount = ms_race_spent(c, until, spent);
    ms_format_spent(spent, amount.value, value, sizeof value);
    ms_format_spent(spent, amount.low, low, sizeof low);
    ms_format_spent(spent, amount.high, high, sizeof high);
    if (c->failure.status != MS_OK || c->chains == 0 || isnan(amount.value))
        snprintf(text, MS_ADVICE_TEXT, "?");
    else if (c->figure[until].is_bound)
        snprintf(text, MS_ADVICE_TEXT, "at least %s", low);
    else
        snprintf(text, MS_ADVICE_TEXT, "%s [%s, %s]%s", value, low, high,
                 c->figure[until].is_law ? " ~" : "");
}

double ms_advice_within(const ms_race *race, ms_until until, ms_spent spent, const ms_standing *standing)
{
    double low = 0, high = 0;
    for (size_t i = 0; i < race->candidates; i++) {
        const ms_interval amount = ms_race_spent(&race->candidate[i], until, spent);
        if (standing[i] == MS_STANDS_BEST)
            low = amount.low;
        else if (standing[i] == MS_STANDS_EQUAL)
            high = fmax(high, amount.high);
    }
    return high > 0 ? high / low - 1 : 0;
}
