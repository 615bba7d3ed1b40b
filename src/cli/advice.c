/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/advice_parts.h"

#include "cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_question(const ms_advice *advice)
{
    const ms_race *race = advice->race;
    const ms_point *point = ms_advice_point(race, 0);
    const ms_settings *settings = ms_advice_settings(race);
    char variant[512];
    ms_sweep_describe_variant(race->sweep, point->variant, variant, sizeof variant);
    printf("dimension %zu%s%s", point->dimension, variant[0] ? ", " : "", variant);
    if (point->noise_level > 0)
        printf(", noise_level %g", point->noise_level);
    printf(", rule %s, engine %s\n", advice->rule,
           ms_engine_name(ms_settings_engine(settings, point->dimension)));
    if (settings->iterations_per_pass > 0)
        printf("iterations_per_pass %" PRIu64 ": all patch sizes have passes of this length\n",
               settings->iterations_per_pass);
    else
        printf("iterations_per_patch %" PRIu64 ": the larger the patches, the shorter a pass\n",
               settings->iterations_per_patch);
}

enum { COLUMNS_MAX = 8 };

static void format_pass(const ms_candidate *c, char text[MS_ADVICE_TEXT])
{
    if (isnan(c->pass_iterations))
        snprintf(text, MS_ADVICE_TEXT, "-");
    else
        ms_format_short(c->pass_iterations, text, MS_ADVICE_TEXT);
}

/* What there is to say of a candidate; returns how much. */
static size_t fill_row(const ms_advice *advice, const ms_race *race, size_t candidate, ms_until until,
                       char text[COLUMNS_MAX][MS_ADVICE_TEXT])
{
    const ms_candidate *c = &race->candidate[candidate];
    const ms_figure *f = &c->figure[until];
    size_t columns = 0;
    snprintf(text[columns++], MS_ADVICE_TEXT, "%zu", ms_advice_point(race, candidate)->patch_size);
    format_pass(c, text[columns++]);
    snprintf(text[columns++], MS_ADVICE_TEXT, "%" PRIu64 " of %" PRIu64, f->discovered, f->chains);
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        if (advice->asks[s])
            ms_format_candidate(c, until, (ms_spent)s, text[columns++]);
    if (advice->asks[MS_SPENT_SECONDS] && race->full_seconds) {
        ms_candidate full = *c;
        full.seconds = race->full_seconds[candidate];
        ms_format_candidate(&full, until, MS_SPENT_SECONDS, text[columns++]);
    }
    return columns;
}

static ms_status print_table(const ms_advice *advice, ms_until until, ms_error *error)
{
    const ms_race *race = advice->race;
    const char *column[COLUMNS_MAX] = {"patch_size", "pass", "discovered"};
    char text[COLUMNS_MAX][MS_ADVICE_TEXT];
    ms_cell cell[COLUMNS_MAX];
    size_t columns = 3;
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        if (advice->asks[s])
            column[columns++] = ms_spent_words[s];
    if (advice->asks[MS_SPENT_SECONDS] && race->full_seconds)
        column[columns++] = "with engine full";
    ms_output_table table;
    ms_output_table_begin(&table, MS_FORMAT_READABLE, column, columns, SIZE_MAX);
    for (size_t i = 0; i < race->candidates; i++) {
        size_t filled = fill_row(advice, race, i, until, text);
        for (size_t n = 0; n < filled; n++)
            cell[n] = ms_cell_word(text[n]);
        ms_output_table_row(&table, cell);
    }
    return ms_output_table_end(&table, error);
}

static void print_basis(const ms_advice *advice)
{
    const ms_race *race = advice->race;
    size_t chains = 0;
    bool has_law = false;
    for (size_t i = 0; i < race->candidates; i++) {
        const ms_candidate *c = &race->candidate[i];
        chains += c->chains;
        for (int until = 0; until < ms_advice_untils(race); until++)
            has_law |= c->figure[until].is_law;
        if (c->failure.status != MS_OK)
            printf("patch_size %zu failed: %s\n", ms_advice_point(race, i)->patch_size, c->failure.message);
    }
    if (has_law)
        printf("~ mean of an exponential fit, which the test does not reject; chains without a discovery are "
               "accounted for\n");
    printf("pilot: %zu chains, %.3g iterations; means with 95 %% intervals%s\n", chains, ms_race_effort(race),
           race->is_decided ? ""
           : advice->is_stopped
               ? "; stopped before everything was decided"
               : "; ended before everything was decided: give more --seconds or --iterations");
    if (advice->asks[MS_SPENT_SECONDS] && race->full_seconds)
        printf(
            "The engine reduced moves no coordinates: an iteration takes the same time for each patch size. "
            "--set sampler.engine=full runs the pilot on engine full.\n");
}

ms_status ms_advice_print(const ms_advice *advice, ms_error *error)
{
    const ms_race *race = advice->race;
    ms_standing *standing = calloc(race->candidates, sizeof *standing);
    ms_status status = standing ? MS_OK : ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    print_question(advice);
    for (int until = 0; until < ms_advice_untils(race) && status == MS_OK; until++) {
        if (ms_advice_untils(race) == 1)
            printf("\nuntil the mode is discovered:\n");
        else
            printf("\nuntil %s discovered:\n", until == MS_UNTIL_ANY ? "any mode is" : "all modes are");
        status = print_table(advice, (ms_until)until, error);
        if (status == MS_OK)
            status = ms_advice_print_answers(advice, (ms_until)until, standing, error);
    }
    putchar('\n');
    print_basis(advice);
    free(standing);
    return status == MS_OK ? ms_advice_print_choice(advice, error) : status;
}
