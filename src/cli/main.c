/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diagnostics.h"
#include "cli/allocation.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/output.h"
#include "cli/version.h"
#include "farm/collective.h"
#include "results/results.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const ms_command command_of_help;
static const ms_command *const command_list[] = {
    &ms_command_run,     &ms_command_plan,    &ms_command_advise, &ms_command_status, &ms_command_watch,
    &ms_command_explain, &ms_command_summary, &ms_command_plot,   &ms_command_report, &ms_command_diagnose,
    &ms_command_verify,  &ms_command_merge,   &ms_command_export, &ms_command_repack, &ms_command_digest,
    &ms_command_submit,  &ms_command_train,   &command_of_help};
#define COMMANDS (sizeof command_list / sizeof *command_list)

static void print_help(void)
{
    printf("usage: modeseek COMMAND FILE [options]\n\n"
           "Measures how long samplers, vanilla, annealed or chained, take to discover the modes of a\n"
           "distribution (the first-passage times), over a grid of dimensions, patch sizes, noise levels,\n"
           "seeds and other parameters.\n\ncommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-9s %.*s\n", command_list[i]->name, (int)strcspn(command_list[i]->purpose, "\n"),
               command_list[i]->purpose);
    printf("\nmodeseek help COMMAND says more; modeseek --version shows the version.\n"
           "docs/command-line.md documents commands and exit codes, docs/sweep-file.md the sweep file.\n");
}

static const char *const own_option[] = {"--help", "--version"};

/* What other programs call it. */
static bool is_version(const char *word)
{
    return strcmp(word, "version") == 0 || strcmp(word, "-v") == 0 || strcmp(word, "-V") == 0;
}

static ms_status unknown_command(const char *word, ms_error *error)
{
    const char *name[COMMANDS];
    for (size_t i = 0; i < ms_command_kind_count(&ms_command_plot); i++)
        if (strcmp(word, ms_command_plot.kind[i].name) == 0)
            return ms_error_set(error, MS_ERROR_USAGE, "unknown command %s; did you mean plot %s?", word,
                                word);
    for (size_t i = 0; i < COMMANDS; i++)
        name[i] = command_list[i]->name;
    bool is_option = word[0] == '-';
    const char *meant = is_version(word) ? "--version"
                        : is_option      ? ms_did_you_mean(word, own_option, 2)
                                         : ms_did_you_mean(word, name, COMMANDS);
    return ms_error_set(error, MS_ERROR_USAGE, "unknown %s %s%s%s%s; see modeseek --help",
                        is_option ? "option" : "command", word, meant ? "; did you mean " : "",
                        meant ? meant : "", meant ? "?" : "");
}

/* MS_ERROR_USAGE if there is none of that name. */
static ms_status find_command(const char *word, const ms_command **command, ms_error *error)
{
    *command = NULL;
    for (size_t i = 0; i < COMMANDS && !*command; i++)
        if (strcmp(word, command_list[i]->name) == 0)
            *command = command_list[i];
    return *command ? MS_OK : unknown_command(word, error);
}

static ms_status help(const ms_arguments *arguments, ms_error *error)
{
    const ms_command *command;
    if (!arguments->operand) {
        print_help();
        return MS_OK;
    }
    ms_status status = find_command(arguments->operand, &command, error);
    if (status == MS_OK)
        ms_command_help(command);
    return status;
}

static const ms_command command_of_help = {.name = "help",
                                           .operand = "[COMMAND]",
                                           .purpose =
                                               "Prints what a command does, its options and an example.\n\n"
                                               "Without COMMAND it lists all commands.",
                                           .example = "  modeseek help run",
                                           .run = help};

static void print_error(ms_status status, const ms_error *error)
{
    fflush(stdout);
    const char *message = error->status == MS_OK ? ms_status_message(status) : error->message;
    if (*message)
        fprintf(stderr, "modeseek: %s\n", message);
}

static ms_status run_command(const ms_command *command, int argc, char **argv, int *rank, ms_error *error)
{
    ms_arguments arguments;
    bool help;
    int ranks = 1;
    ms_status status = ms_command_parse(command, argc - 2, argv + 2, &arguments, &help, error);
    if (help) {
        ms_command_help(command);
        return ms_output_flush(error);
    }
    long tasks = command->collective ? ms_launch_begin() : 0;
    if (command->collective) /* also with a wrong command line: only rank 0 may complain */
        ms_collective_begin(&argc, &argv, rank, &ranks);
    arguments.rank = *rank;
    arguments.ranks = ranks;
    if (status == MS_OK)
        status = ms_launch_check(tasks, ranks, error);
    if (status == MS_OK)
        status = command->run(&arguments, error);
    if (status == MS_OK)
        status = ms_output_flush(error);
    return status;
}

int main(int argc, char **argv)
{
    ms_error error = {0};
    ms_status status = MS_OK;
    int rank = 0;
    const ms_command *command = NULL;
    gsl_set_error_handler_off(); /* the default one ends the program; the library needs none */
    if (argc < 2 || !*argv[1]) {
        status = ms_error_set(&error, MS_ERROR_USAGE, "a command is missing; see modeseek --help");
    } else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        status = ms_output_flush(&error);
    } else if (strcmp(argv[1], "--version") == 0) {
        ms_print_version();
        status = ms_output_flush(&error);
    } else if (strcmp(argv[1], "--complete") == 0) { /* for shells */
        ms_complete(command_list, COMMANDS, argv + 2, (size_t)argc - 2);
        status = ms_output_flush(&error);
    } else if (strcmp(argv[1], "--manual") == 0 && argc == 4) { /* for the build */
        status = ms_write_manual(command_list, COMMANDS, argv[2], argv[3], &error);
    } else {
        status = find_command(argv[1], &command, &error);
        if (status == MS_OK)
            status = run_command(command, argc, argv, &rank, &error);
    }
    if (status != MS_OK && rank == 0)
        print_error(status, &error);
    if (status ==
        MS_ERROR_RANK) { /* on all ranks; MPI_Finalize() would wait for the one that cannot end it */
        fflush(stdout);
        _exit(ms_status_exit_code(status));
    }
    if (status != MS_OK && !ms_results_all_closed()) { /* what HDF5 does at the end would hang or crash */
        fflush(stdout);
        ms_collective_abandon(status);
        _exit(ms_status_exit_code(status));
    }
    if (command && command->collective)
        ms_collective_end();
    return ms_status_exit_code(status);
}
