/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/advice_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
    ms_json_open(json, ms_until_name[until], '{');
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
    ms_json_count(json, "patch_size", ms_advice_point(race, candidate)->patch_size);
    ms_json_number(json, "pass_iterations", c->pass_iterations);
    ms_json_number(json, "coordinate_updates", c->coordinate_updates);
    ms_json_number(json, "nanoseconds_per_iteration", 1e9 * c->seconds.value);
    ms_json_truth(json, "is_out", c->is_out);
    ms_json_text(json, "failure", c->failure.status != MS_OK ? c->failure.message : NULL);
    for (int until = 0; until < ms_advice_untils(race); until++)
        write_figure(c, (ms_until)until, race->full_seconds ? &race->full_seconds[candidate] : NULL, json);
    ms_json_close(json, '}');
}

static void write_standing(const ms_race *race, const ms_standing *standing, ms_standing wanted,
                           const char *key, ms_json *json)
{
    ms_json_open(json, key, '[');
    for (size_t i = 0; i < race->candidates; i++)
        if (standing[i] == wanted)
            ms_json_count(json, NULL, ms_advice_point(race, i)->patch_size);
    ms_json_close(json, ']');
}

static void write_answer(const ms_race *race, ms_until until, ms_spent spent, ms_standing *standing,
                         ms_json *json)
{
    bool is_known = ms_race_standings(race, until, spent, standing);
    ms_json_line(json, 6);
    ms_json_open(json, NULL, '{');
    ms_json_text(json, "until", ms_until_name[until]);
    ms_json_text(json, "cost", ms_spent_name[spent]);
    write_standing(race, standing, MS_STANDS_BEST, "best", json);
    write_standing(race, standing, MS_STANDS_EQUAL, "equal", json);
    ms_json_number(json, "within", is_known ? ms_advice_within(race, until, spent, standing) : (double)NAN);
    write_standing(race, standing, MS_STANDS_OPEN, "open", json);
    ms_json_close(json, '}');
}

ms_status ms_advice_write(const ms_advice *advice, ms_json *json, ms_error *error)
{
    const ms_race *race = advice->race;
    const ms_point *point = ms_advice_point(race, 0);
    const ms_settings *settings = ms_advice_settings(race);
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
    for (int until = 0; until < ms_advice_untils(race); until++)
        for (int s = 0; s < MS_SPENT_COUNT; s++)
            if (advice->asks[s])
                write_answer(race, (ms_until)until, (ms_spent)s, standing, json);
    ms_json_close(json, ']');
    ms_json_close(json, '}');
    free(standing);
    return MS_OK;
}
