/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/advice.h"

#include "cli/output.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const ms_spent_name[] = {"iterations", "coordinate_updates", "seconds", NULL};
static const char *const spent_words[] = {"iterations", "coordinate updates", "CPU time"};
static const char *const least_words[] = {"fewest iterations", "fewest coordinate updates", "least CPU time"};
static const char *const until_name[] = {"any", "all"};

enum { COLUMNS_MAX = 8, TEXT_SIZE = 128 };

static const ms_point *point_of(const ms_race *race, size_t candidate)
{
    return &race->sweep->points[race->candidate[candidate].point];
}

static const ms_settings *settings_of(const ms_race *race)
{
    return ms_sweep_settings(race->sweep, race->candidate[0].point);
}

/* With one mode there is no difference between any and all. */
static int untils(const ms_race *race)
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

static void format_spent(ms_spent spent, double amount, char *text, size_t size)
{
    if (spent == MS_SPENT_SECONDS && isfinite(amount))
        format_time(amount, text, size);
    else
        ms_format_short(amount, text, size);
}

/* "14042 [13616, 14482]", or "at least 13616". */
static void format_interval(const ms_candidate *c, ms_until until, ms_spent spent, char text[TEXT_SIZE])
{
    char value[40], low[40], high[40];
    const ms_interval amount = ms_race_spent(c, until, spent);
    format_spent(spent, amount.value, value, sizeof value);
    format_spent(spent, amount.low, low, sizeof low);
    format_spent(spent, amount.high, high, sizeof high);
    if (c->failure.status != MS_OK || c->chains == 0 || isnan(amount.value))
        snprintf(text, TEXT_SIZE, "?");
    else if (c->figure[until].is_bound)
        snprintf(text, TEXT_SIZE, "at least %s", low);
    else
        snprintf(text, TEXT_SIZE, "%s [%s, %s]%s", value, low, high, c->figure[until].is_law ? " ~" : "");
}

static void print_question(const ms_advice *advice)
{
    const ms_race *race = advice->race;
    const ms_point *point = point_of(race, 0);
    const ms_settings *settings = settings_of(race);
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

static void format_pass(const ms_candidate *c, char text[TEXT_SIZE])
{
    if (isnan(c->pass_iterations))
        snprintf(text, TEXT_SIZE, "-");
    else
        ms_format_short(c->pass_iterations, text, TEXT_SIZE);
}

/* What there is to say of a candidate; returns how much. */
static size_t fill_row(const ms_advice *advice, const ms_race *race, size_t candidate, ms_until until,
                       char text[COLUMNS_MAX][TEXT_SIZE])
{
    const ms_candidate *c = &race->candidate[candidate];
    const ms_figure *f = &c->figure[until];
    size_t columns = 0;
    snprintf(text[columns++], TEXT_SIZE, "%zu", point_of(race, candidate)->patch_size);
    format_pass(c, text[columns++]);
    snprintf(text[columns++], TEXT_SIZE, "%" PRIu64 " of %" PRIu64, f->discovered, f->chains);
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        if (advice->asks[s])
            format_interval(c, until, (ms_spent)s, text[columns++]);
    if (advice->asks[MS_SPENT_SECONDS] && race->full_seconds) {
        ms_candidate full = *c;
        full.seconds = race->full_seconds[candidate];
        format_interval(&full, until, MS_SPENT_SECONDS, text[columns++]);
    }
    return columns;
}

static ms_status print_table(const ms_advice *advice, ms_until until, ms_error *error)
{
    const ms_race *race = advice->race;
    const char *column[COLUMNS_MAX] = {"patch_size", "pass", "discovered"};
    char text[COLUMNS_MAX][TEXT_SIZE];
    ms_cell cell[COLUMNS_MAX];
    size_t columns = 3;
    for (int s = 0; s < MS_SPENT_COUNT; s++)
        if (advice->asks[s])
            column[columns++] = spent_words[s];
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

/* How much more than the best one some other may spend at most. */
static double within(const ms_race *race, ms_until until, ms_spent spent, const ms_standing *standing)
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
                     point_of(race, i)->patch_size);
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
    format_spent(spent, least, text, sizeof text);
    if (!isfinite(least))
        printf("unknown: every patch size failed\n");
    else
        printf("unknown: no patch size discovers often enough; each takes at least %s\n", text);
}

static void print_answer(const ms_race *race, ms_until until, ms_spent spent, const char *which,
                         ms_standing *standing)
{
    char best[TEXT_SIZE], others[512];
    printf("%s%s: ", least_words[spent], which);
    if (!ms_race_standings(race, until, spent, standing)) {
        print_unknown(race, until, spent);
        return;
    }
    for (size_t i = 0; i < race->candidates; i++)
        if (standing[i] == MS_STANDS_BEST) {
            format_interval(&race->candidate[i], until, spent, best);
            printf("patch_size %zu, %s", point_of(race, i)->patch_size, best);
        }
    size_t equal = list_standing(race, standing, MS_STANDS_EQUAL, others, sizeof others);
    double more = within(race, until, spent, standing);
    if (equal > 0)
        printf("; %s cannot be told apart from it", others);
    if (equal > 0 && isfinite(more))
        printf(" (within %.0f %%)", ceil(100 * more));
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

static void print_basis(const ms_advice *advice)
{
    const ms_race *race = advice->race;
    size_t chains = 0;
    bool has_law = false;
    for (size_t i = 0; i < race->candidates; i++) {
        const ms_candidate *c = &race->candidate[i];
        chains += c->chains;
        for (int until = 0; until < untils(race); until++)
            has_law |= c->figure[until].is_law;
        if (c->failure.status != MS_OK)
            printf("patch_size %zu failed: %s\n", point_of(race, i)->patch_size, c->failure.message);
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
    for (int until = 0; until < untils(race) && status == MS_OK; until++) {
        if (untils(race) == 1)
            printf("\nuntil the mode is discovered:\n");
        else
            printf("\nuntil %s discovered:\n", until == MS_UNTIL_ANY ? "any mode is" : "all modes are");
        status = print_table(advice, (ms_until)until, error);
        for (int s = 0; s < MS_SPENT_COUNT && status == MS_OK; s++)
            if (advice->asks[s])
                print_answer(race, (ms_until)until, (ms_spent)s, "", standing);
        if (status == MS_OK && advice->asks[MS_SPENT_SECONDS] && race->full_seconds)
            status = print_full_answer(race, (ms_until)until, standing, error);
    }
    putchar('\n');
    print_basis(advice);
    free(standing);
    return status;
}

static void write_interval(ms_json *json, const char *name, const ms_interval *interval)
{
    char key[64];
    ms_json_number(json, name, interval->value);
    snprintf(key, sizeof key, "%s_low", name);
    ms_json_number(json, key, interval->low);
    snprintf(key, sizeof key, "%s_high", name);
    ms_json_number(json, key, interval->high);
}

static void write_figure(const ms_candidate *c, ms_until until, const ms_interval *full, ms_json *json)
{
    const ms_figure *f = &c->figure[until];
    ms_json_line(json, 8);
    ms_json_open(json, until_name[until], '{');
    ms_json_count(json, "chains", f->chains);
    ms_json_count(json, "discovered", f->discovered);
    ms_json_text(json, "exponential", ms_verdict_name(f->verdict));
    ms_json_number(json, "exponential_p", f->p_value);
    ms_json_truth(json, "is_bound", f->is_bound);
    ms_json_truth(json, "is_law", f->is_law);
    for (int s = 0; s < MS_SPENT_COUNT; s++) {
        const ms_interval amount = ms_race_spent(c, until, (ms_spent)s);
        write_interval(json, ms_spent_name[s], &amount);
    }
    if (full) {
        ms_candidate with_full = *c;
        with_full.seconds = *full;
        const ms_interval amount = ms_race_spent(&with_full, until, MS_SPENT_SECONDS);
        write_interval(json, "seconds_full", &amount);
    }
    ms_json_close(json, '}');
}

static void write_candidate(const ms_race *race, size_t candidate, ms_json *json)
{
    const ms_candidate *c = &race->candidate[candidate];
    ms_json_line(json, 6);
    ms_json_open(json, NULL, '{');
    ms_json_count(json, "patch_size", point_of(race, candidate)->patch_size);
    ms_json_number(json, "pass_iterations", c->pass_iterations);
    ms_json_number(json, "coordinate_updates", c->coordinate_updates);
    ms_json_number(json, "nanoseconds_per_iteration", 1e9 * c->seconds.value);
    ms_json_truth(json, "is_out", c->is_out);
    ms_json_text(json, "failure", c->failure.status != MS_OK ? c->failure.message : NULL);
    for (int until = 0; until < untils(race); until++)
        write_figure(c, (ms_until)until, race->full_seconds ? &race->full_seconds[candidate] : NULL, json);
    ms_json_close(json, '}');
}

static void write_standing(const ms_race *race, const ms_standing *standing, ms_standing wanted,
                           const char *key, ms_json *json)
{
    ms_json_open(json, key, '[');
    for (size_t i = 0; i < race->candidates; i++)
        if (standing[i] == wanted)
            ms_json_count(json, NULL, point_of(race, i)->patch_size);
    ms_json_close(json, ']');
}

static void write_answer(const ms_race *race, ms_until until, ms_spent spent, ms_standing *standing,
                         ms_json *json)
{
    bool is_known = ms_race_standings(race, until, spent, standing);
    ms_json_line(json, 6);
    ms_json_open(json, NULL, '{');
    ms_json_text(json, "until", until_name[until]);
    ms_json_text(json, "cost", ms_spent_name[spent]);
    write_standing(race, standing, MS_STANDS_BEST, "best", json);
    write_standing(race, standing, MS_STANDS_EQUAL, "equal", json);
    ms_json_number(json, "within", is_known ? within(race, until, spent, standing) : (double)NAN);
    write_standing(race, standing, MS_STANDS_OPEN, "open", json);
    ms_json_close(json, '}');
}

ms_status ms_advice_write(const ms_advice *advice, ms_json *json, ms_error *error)
{
    const ms_race *race = advice->race;
    const ms_point *point = point_of(race, 0);
    const ms_settings *settings = settings_of(race);
    char variant[512];
    ms_standing *standing = calloc(race->candidates, sizeof *standing);
    if (!standing)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    ms_sweep_describe_variant(race->sweep, point->variant, variant, sizeof variant);
    ms_json_line(json, 2);
    ms_json_open(json, NULL, '{');
    ms_json_count(json, "dimension", point->dimension);
    ms_json_number(json, "noise_level", point->noise_level);
    ms_json_text(json, "variant", variant);
    ms_json_text(json, "rule", advice->rule);
    ms_json_text(json, "engine", ms_engine_name(ms_settings_engine(settings, point->dimension)));
    ms_json_count(json, "iterations_per_pass", settings->iterations_per_pass);
    ms_json_count(json, "iterations_per_patch", settings->iterations_per_patch);
    ms_json_truth(json, "is_decided", race->is_decided);
    ms_json_number(json, "pilot_iterations", ms_race_effort(race));
    ms_json_line(json, 4);
    ms_json_open(json, "patch_sizes", '[');
    for (size_t i = 0; i < race->candidates; i++)
        write_candidate(race, i, json);
    ms_json_close(json, ']');
    ms_json_line(json, 4);
    ms_json_open(json, "answers", '[');
    for (int until = 0; until < untils(race); until++)
        for (int s = 0; s < MS_SPENT_COUNT; s++)
            if (advice->asks[s])
                write_answer(race, (ms_until)until, (ms_spent)s, standing, json);
    ms_json_close(json, ']');
    ms_json_close(json, '}');
    free(standing);
    return MS_OK;
}
