/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700
/* The commands that the Python package in analysis/ carries out. */
#include "cli/analysis.h"

#include "cli/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

typedef struct places {
    char program[PATH_MAX]; /* which runs now */
    char package[PATH_MAX], launcher[PATH_MAX];
} places;

/* `within` of this folder, as seen from the program's; false: there is none. */
static bool resolve(const places *p, const char *folder, const char *within, char path[PATH_MAX])
{
    char seen[PATH_MAX];
    int length = snprintf(seen, sizeof seen, "%.*s/%s/%s", (int)(strrchr(p->program, '/') - p->program),
                          p->program, folder, within);
    return length < PATH_MAX && realpath(seen, path);
}

static bool look_in(places *p, const char *folder)
{
    return resolve(p, folder, "analysis", p->package) &&
           resolve(p, folder, "scripts/python3.sh", p->launcher);
}

static ms_status find_places(places *p, ms_error *error)
{
    /* also where /proc is not mounted */
    const char *started = (const char *)getauxval(AT_EXECFN); // NOLINT(performance-no-int-to-ptr)
    if (!started || !realpath(started, p->program))
        return ms_error_set(error, MS_ERROR_IO, "cannot tell where this program is: %s", strerror(errno));
    if (look_in(p, ms_data_from_program) || look_in(p, ms_source_from_program))
        return MS_OK;
    return ms_error_set(
        error, MS_ERROR_IO,
        "the Python package that does this is not in %s/analysis, seen from the folder of %s; install "
        "all of modeseek, with cmake --install",
        ms_data_from_program, p->program);
}

/* "--name=value", or "--name" of a flag; NULL: out of memory. */
static char *option_word(const ms_option *option, const char *value)
{
    size_t size = strlen(option->name) + strlen(value) + sizeof "--=";
    char *word = malloc(size);
    if (word)
        snprintf(word, size, "--%s%s%s", option->name, option->value ? "=" : "", value);
    return word;
}

static void free_words(char **words)
{
    for (size_t i = 0; words && words[i]; i++)
        free(words[i]);
    free(words);
}

/* LAUNCHER PACKAGE COMMAND --OPTION=VALUE ... -- OPERAND ...; NULL: out of memory. */
static char **make_words(const places *p, const ms_command *command, const ms_arguments *arguments)
{
    size_t n = 0, room = MS_OPTIONS_MAX + arguments->more_count + 6;
    char **word = calloc(room, sizeof *word);
    bool good = word && (word[n++] = strdup(p->launcher)) && (word[n++] = strdup(p->package)) &&
                (word[n++] = strdup(command->name));
    for (size_t i = 0; good && i < MS_OPTIONS_MAX; i++)
        if (arguments->value[i])
            good = (word[n++] = option_word(&command->option[i], arguments->value[i])) != NULL;
    /* operands may begin with a dash */
    good = good && (word[n++] = strdup("--")) && (word[n++] = strdup(arguments->operand));
    for (size_t i = 0; good && i < arguments->more_count; i++)
        good = (word[n++] = strdup(arguments->more[i])) != NULL;
    if (good)
        return word;
    free_words(word);
    return NULL;
}

/* Returns only if it fails. */
static ms_status start(const ms_command *command, const ms_arguments *arguments, ms_error *error)
{
    places p;
    ms_status status = find_places(&p, error);
    if (status != MS_OK)
        return status;
    char **words = make_words(&p, command, arguments);
    if (!words || setenv("MODESEEK", p.program, 1) != 0) {
        status = ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    } else {
        execv(words[0], words);
        status = ms_error_set(error, MS_ERROR_IO, "cannot run %s: %s", words[0], strerror(errno));
    }
    free_words(words);
    return status;
}

static ms_status plot(const ms_arguments *arguments, ms_error *error)
{
    return start(&ms_command_plot, arguments, error);
}

static ms_status report(const ms_arguments *arguments, ms_error *error)
{
    return start(&ms_command_report, arguments, error);
}

static ms_status train(const ms_arguments *arguments, ms_error *error)
{
    return start(&ms_command_train, arguments, error);
}

static ms_status diagnose(const ms_arguments *arguments, ms_error *error)
{
    return start(&ms_command_diagnose, arguments, error);
}

/* In Python a module each, analysis/modeseek/figures/NAME.py. */
static const ms_operand_kind kinds[] = {
    {"hardness", "discovery time against the dimension"},
    {"survival", "share of chains that have not discovered the mode yet, against iterations (Kaplan-Meier)"},
    {"shares", "share of chains in each mode, against iterations"},
    {"distances", "distances of the chains to the means of the modes, as a scatter plot"},
    {"patch-size", "share of chains that have left their starting mode, and discovery time, by patch size"},
    {"heat-map", "discovery time over dimension and patch size"},
    {"cost", "what a discovery costs, as bars"},
    {"noise-level", "discovery time, or share of chains, against the noise level"},
    {"stationarity", "long runs compared with exact draws from the target"},
    {"speed-up", "speed-up of discovery by chained over vanilla dynamics, against the dimension"},
    {"gain", "what estimators save against direct simulation at equal relative error, against the dimension"},
    {"mode-share", "share of chains in a mode to be discovered, against any axis (targets made of data)"},
    {"labels", "labels of the vectors that chains are near, as a histogram (targets made of data)"},
    {"samples", "the chains as images, in grids, at each snapshot (targets made of images)"},
    {NULL, NULL},
};

enum {
    OPTION_OUTPUT,
    OPTION_RULE,
    OPTION_MODE,
    OPTION_ESTIMATE,
    OPTION_COST,
    OPTION_SELECT,
    OPTION_ITERATION,
    OPTION_EXPONENT,
    OPTION_AGAINST,
    OPTION_CSV,
    OPTION_DARK
};

static const char *const estimates[] = {"mean", "median", "both", NULL};
static const char *const costs[] = {"iterations", "score_evaluations", "coordinate_updates", NULL};

const ms_command ms_command_plot = {
    .name = "plot",
    .operand = "KIND FILE...",
    .purpose = "Draws a figure of results files.\n\n"
               "Needs Python 3 with h5py, matplotlib, numpy, pandas, scipy, statsmodels and xarray.",
    .kind = kinds,
    .option = {[OPTION_OUTPUT] = {"output", 'o', "FIG", "the figure: .png, .pdf or .svg", true},
               [OPTION_RULE] = {"rule", 0, "RULE", "times of this rule (default: ball, if the file has it)",
                                false},
               [OPTION_MODE] = {"mode", 0, "MODE", "times of this mode: a number, any (default) or all",
                                false},
               [OPTION_ESTIMATE] = {"estimate", 0, "WHAT", "draw mean, median or both (default)", false},
               [OPTION_COST] = {"cost", 0, "COST",
                                "time in iterations (default), score_evaluations, coordinate_updates", false},
               [OPTION_SELECT] = {"select", 0, "AXIS=VALUE,...", "only these points, such as dimension=100",
                                  false},
               [OPTION_ITERATION] = {"iteration", 0, "N", "this snapshot (default: the last one)", false},
               [OPTION_EXPONENT] = {"exponent", 0, NULL, "also the law of large deviations, exp(I d)", false},
               [OPTION_AGAINST] = {"against", 0, "AXIS",
                                   "the axis of mode-share (default: that of most values)", false},
               [OPTION_CSV] = {"csv", 0, "OUT", "also write what is drawn as a table", false},
               [OPTION_DARK] = {"dark", 0, NULL, "for a dark page", false}},
    .choices = {[OPTION_ESTIMATE] = estimates, [OPTION_COST] = costs},
    .example = "  modeseek plot hardness quickstart.h5 -o quickstart.png\n"
               "  modeseek plot survival quickstart.h5 -o survival.pdf --select dimension=20,patch_size=5",
    .more_least = 1,
    .run = plot};

const ms_command ms_command_report = {
    .name = "report",
    .operand = "FILE...",
    .purpose =
        "Makes an HTML page that shows what is in results files: figures, tables, provenance.\n\n"
        "The page is a single file that needs no others and no network. Python needs what it needs for plot.",
    .several = true,
    .option = {{"output", 'o', "PAGE", "write to this file (default: report.html)", false},
               {"watch", 0, "SECONDS", "write it again this often, until the files are complete", false}},
    .example = "  modeseek report quickstart.h5 -o quickstart.html",
    .run = report};

const ms_command ms_command_diagnose = {
    .name = "diagnose",
    .operand = "FILE...",
    .purpose = "Judges the chains of results files: whether they mix, and which numbers can be trusted.\n\n"
               "Python needs what it needs for plot.",
    .several = true,
    .option = {{"json", 0, NULL, "the same as one JSON object", false}},
    .example = "  modeseek diagnose quickstart.h5",
    .run = diagnose};

static const ms_operand_kind trained[] = {
    {"data", "writes images for training, MNIST reduced to 14 x 14: HDF5"},
    {"denoiser", "trains a network on DATA and writes its weights: HDF5"},
    {"check", "of WEIGHTS and DATA: errors of the learned score, by noise level"},
    {"chains", "of WEIGHTS and DATA: chains with the learned and with the exact score, from test images"},
    {NULL, NULL},
};

const ms_command ms_command_train = {
    .name = "train",
    .operand = "KIND [FILE...]",
    .purpose = "Trains a denoiser, which stands for a learned score, and checks it against the exact one.\n\n"
               "Needs Python 3 with h5py and numpy, and denoiser also PyTorch.",
    .kind = trained,
    .several = true,
    .option = {{"output", 'o', "OUT", "write to this file; check and chains print a table without it", false},
               {"count", 0, "N", "images to train on, or chains (default: 2000)", false},
               {"patch-size", 0, "Q", "pixels of a patch (default: all, without context)", false},
               {"steps", 0, "N", "of training (default: 8000)", false},
               {"seed", 0, "N", "of random numbers (default: 1)", false},
               {"noise-level", 0, "SIGMA", "the largest one (default: 1)", false},
               {"iterations", 0, "N", "of chains, at each of 10 noise levels (default: 300)", false}},
    .example = "  modeseek train data -o reduced.h5\n"
               "  modeseek train denoiser reduced.h5 -o weights.h5 --patch-size=14",
    .run = train};
