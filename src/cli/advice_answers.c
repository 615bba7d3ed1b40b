/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/advice_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const least_words[] = {"fewest iterations", "fewest coordinate updates", "least CPU time"};

/* "4, 10": the patch sizes that stand so; returns how many there are. */
static size_t list_standing(const ms_race *race, const ms_standing *standing, ms_standing wanted, char *text,
                            size_t size)
{
    size_t count = 0;
    text[0] = '\0';
    for (size_t i = 0; i < race->candidates; i++)
        if (standing[i] == wanted) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s%zu", count++ > 0 ? ", " : "",
                     ms_advice_point(race, i)->patch_size);
        }
    return count;
}

/* The least that all are known to spend. */
static void print_unknown(const ms_race *race, ms_until until, ms_spent spent)
{
    double least = (double)INFINITY;
    char text[40];
    for (size_t i = 0; i < race->candidates; i++)
        if (race->candidate[i].failure.status == MS_OK && race->candidate[i].chains > 0)
            least = fmin(least, ms_race_spent(&race->candidate[i], until, spent).low);
    ms_format_spent(spent, least, text, sizeof text);
    if (!isfinite(least))
        printf("unknown: every patch size failed\n");
    else
        printf("unknown: no patch size discovers often enough; each takes at least %s\n", text);
}

static void print_answer(const ms_race *race, ms_until until, ms_spent spent, const char *which,
                         ms_standing *standing)
{
    char best[MS_ADVICE_TEXT], others[512];
    printf("%s%s: ", least_words[spent], which);
    if (!ms_race_standings(race, until, spent, standing)) {
        print_unknown(race, until, spent);
        return;
    }
    for (size_t i = 0; i < race->candidates; i++)
        if (standing[i] == MS_STANDS_BEST) {
            ms_format_candidate(&race->candidate[i], until, spent, best);
            printf("patch_size %zu, %s", ms_advice_point(race, i)->patch_size, best);
        }
    double more = ms_advice_within(race, until, spent, standing);
    if (list_standing(race, standing, MS_STANDS_EQUAL, others, sizeof others) > 0) {
        printf("; %s may be as good", others);
        if (more < 1)
            printf(", or cost up to %.0f %% more", ceil(100 * more));
        else if (isfinite(more))
            printf(", or cost up to %.1f times as much", ceil(10 * (1 + more)) / 10);
    }
    if (list_standing(race, standing, MS_STANDS_OPEN, others, sizeof others) > 0)
        printf("; %s %s not ruled out", others, strchr(others, ',') ? "are" : "is");
    putchar('\n');
}

/* The same race with times as they would be. */
static ms_status print_full_answer(const ms_race *race, ms_until until, ms_standing *standing,
                                   ms_error *error)
{
    ms_race full = *race;
    full.candidate = calloc(race->candidates, sizeof *full.candidate);
    if (!full.candidate)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu patch sizes", race->candidates);
    for (size_t i = 0; i < race->candidates; i++) {
        full.candidate[i] = race->candidate[i];
        full.candidate[i].seconds = race->full_seconds[i];
    }
    print_answer(&full, until, MS_SPENT_SECONDS, " with engine full", standing);
    free(full.candidate);
    return MS_OK;
}

ms_status ms_advice_print_answers(const ms_advice *advice, ms_until until, ms_standing *standing,
                                  ms_error *error)
{
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        if (advice->asks[s])
            print_answer(advice->race, until, (ms_spent)s, "", standing);
    return advice->asks[MS_SPENT_SECONDS] && advice->race->full_seconds
               ? print_full_answer(advice->race, until, standing, error)
               : MS_OK;
}
