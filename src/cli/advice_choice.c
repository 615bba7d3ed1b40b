/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An advice in one line: one patch size, if it is or may be the best in all respects; else one for each. */
#include "cli/advice_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHOICE_MAX = 400 };

/* Of a candidate: in how many respects it may be the best, and in how many it is. */
typedef struct tally {
    size_t may_be, is;
} tally;

typedef struct chooser {
    const ms_advice *advice;
    ms_standing *standing; /* [candidates] of one respect */
    tally *tally;          /* [candidates] */
    double visit,
        relaxations; /* shortest visit to a patch of what is advised: iterations, relaxation times */
} chooser;

/* As `diagnose` counts them: relaxation times 2v/δ of Langevin dynamics in the widest component; NaN where
 * that is not known. */
static double relaxations_of(const ms_race *race, size_t candidate, double visit)
{
    const ms_settings *settings = ms_advice_settings(race);
    const ms_target_type *family = (const ms_target_type *)settings->target.kind;
    size_t dimension = ms_advice_point(race, candidate)->dimension;
    double widest = 0;
    if (ms_settings_sampler(settings) != ms_sampler_langevin ||
        !family->is_isotropic(settings->target.params, dimension))
        return (double)NAN;
    for (size_t i = 0; i < ms_settings_components(settings); i++)
        widest = fmax(widest, ms_settings_component(settings, i, dimension).variance_max);
    return visit * ms_settings_schedule(settings, 0).step_size / (2 * widest);
}

static void note_visit(chooser *c, size_t candidate)
{
    const ms_race *race = c->advice->race;
    const ms_point *point = ms_advice_point(race, candidate);
    double visit =
        race->candidate[candidate].pass_iterations * (double)point->patch_size / (double)point->dimension;
    if (point->patch_size < point->dimension && !(visit >= c->visit)) {
        c->visit = visit;
        c->relaxations = relaxations_of(race, candidate, visit);
    }
}

static size_t best_of(chooser *c, ms_until until, ms_spent spent)
{
    const ms_race *race = c->advice->race;
    if (ms_race_standings(race, until, spent, c->standing))
        for (size_t i = 0; i < race->candidates; i++)
            if (c->standing[i] == MS_STANDS_BEST)
                return i;
    return SIZE_MAX;
}

/* The candidate to be used for all that is asked until [first, end); SIZE_MAX if there is none. */
static size_t choose_one(chooser *c, int first, int end)
{
    const ms_race *race = c->advice->race;
    size_t respects = 0, chosen = SIZE_MAX;
    memset(c->tally, 0, race->candidates * sizeof *c->tally);
    for (int until = first; until < end; until++)
        for (int s = 0; s < MS_SPENT_COUNT; s++) {
            respects += c->advice->asks[s];
            if (!c->advice->asks[s] || best_of(c, (ms_until)until, (ms_spent)s) == SIZE_MAX)
                continue;
            for (size_t i = 0; i < race->candidates; i++) {
                c->tally[i].is += c->standing[i] == MS_STANDS_BEST;
                c->tally[i].may_be += c->standing[i] == MS_STANDS_BEST || c->standing[i] == MS_STANDS_EQUAL;
            }
        }
    for (size_t i = 0; i < race->candidates; i++)
        if (c->tally[i].may_be == respects && (chosen == SIZE_MAX || c->tally[i].is > c->tally[chosen].is))
            chosen = i;
    return chosen;
}

static void append(const char *before, const char *word, char text[CHOICE_MAX])
{
    size_t used = strlen(text);
    snprintf(text + used, CHOICE_MAX - used, "%s%s", before, word);
}

static void append_size(chooser *c, size_t candidate, char text[CHOICE_MAX])
{
    char size[32];
    const char *before = text[0] ? ", " : "";
    if (candidate == SIZE_MAX) {
        append(before, "none known yet", text);
        return;
    }
    snprintf(size, sizeof size, "%zu", ms_advice_point(c->advice->race, candidate)->patch_size);
    append(before, text[0] ? "patch_size: " : "use patch_size: ", text);
    append("", size, text);
    note_visit(c, candidate);
}

/* "use patch_size: 10 for iterations and CPU time, patch_size: 4 for coordinate updates" */
static void format_each(chooser *c, ms_until until, char text[CHOICE_MAX])
{
    size_t best[MS_SPENT_COUNT];
    bool is_told[MS_SPENT_COUNT] = {false}, is_known = false;
    text[0] = '\0';
    for (int s = 0; s < MS_SPENT_COUNT; s++) {
        best[s] = c->advice->asks[s] ? best_of(c, until, (ms_spent)s) : SIZE_MAX;
        is_known |= best[s] != SIZE_MAX;
    }
    if (!is_known) {
        append_size(c, SIZE_MAX, text);
        return;
    }
    for (int s = 0; s < MS_SPENT_COUNT; s++) {
        if (!c->advice->asks[s] || is_told[s])
            continue;
        append_size(c, best[s], text);
        append(" for ", ms_spent_words[s], text);
        for (int other = s + 1; other < MS_SPENT_COUNT; other++)
            if (c->advice->asks[other] && best[other] == best[s]) {
                append(" and ", ms_spent_words[other], text);
                is_told[other] = true;
            }
    }
}

static void format_until(chooser *c, ms_until until, char text[CHOICE_MAX])
{
    size_t one = choose_one(c, (int)until, (int)until + 1);
    text[0] = '\0';
    if (one != SIZE_MAX)
        append_size(c, one, text);
    else
        format_each(c, until, text);
}

static void print_choice(chooser *c)
{
    char text[MS_UNTIL_COUNT][CHOICE_MAX] = {""};
    int untils = ms_advice_untils(c->advice->race);
    size_t one = choose_one(c, 0, untils);
    if (one != SIZE_MAX)
        append_size(c, one, text[0]);
    for (int until = 0; one == SIZE_MAX && until < untils; until++)
        format_until(c, (ms_until)until, text[until]);
    bool is_same = one != SIZE_MAX || untils == 1 || strcmp(text[MS_UNTIL_ANY], text[MS_UNTIL_ALL]) == 0;
    if (c->relaxations < 1)
        printf("A visit to a patch has %.4g iterations, %.2g relaxation times 2v/δ of the widest component: "
               "modes "
               "are discovered, but for their right shares passes must be longer.\n",
               c->visit, c->relaxations);
    printf("advice%s: ", c->advice->race->is_decided ? "" : " so far");
    if (is_same)
        printf("%s\n", text[0]);
    else
        printf("to discover any mode, %s; to discover all, %s\n", text[MS_UNTIL_ANY], text[MS_UNTIL_ALL]);
}

ms_status ms_advice_print_choice(const ms_advice *advice, ms_error *error)
{
    size_t candidates = advice->race->candidates;
    chooser c = {.advice = advice,
                 .standing = calloc(candidates, sizeof *c.standing),
                 .tally = calloc(candidates, sizeof *c.tally),
                 .visit = INFINITY,
                 .relaxations = (double)NAN};
    ms_status status = c.standing && c.tally ? MS_OK : ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    if (status == MS_OK)
        print_choice(&c);
    free(c.standing);
    free(c.tally);
    return status;
}
