/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A subcommand: a table of what it accepts and the function that does it. Parsing, --help and messages about
 * wrong command lines come from the table. */
#ifndef MS_COMMAND_H
#define MS_COMMAND_H

#include "sweep/sweep.h"

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>

#define MS_OPTIONS_MAX  16
#define MS_REPEATED_MAX 64

typedef struct ms_option {
    const char *name;  /* without the dashes */
    char letter;       /* or 0 */
    const char *value; /* what its value is called in the help; NULL: a flag without one */
    const char *help;
    bool required;
} ms_option;

typedef struct ms_arguments {
    const char *operand; /* the file that every subcommand takes */
    char *const *more;   /* [more_count] words after it */
    size_t more_count;
    const char *value[MS_OPTIONS_MAX];     /* in the table's order; NULL: not given; a flag's is "" */
    const char *repeated[MS_REPEATED_MAX]; /* [repeated_count] what it was given */
    size_t repeated_count;
    int rank, ranks; /* 0 of 1 unless the command is collective */
} ms_arguments;

/* What the first operand may be, where that is a word of a list. */
typedef struct ms_operand_kind {
    const char *name, *purpose;
} ms_operand_kind;

typedef struct ms_command {
    const char *name;
    const char *operand; /* what it is called in the help; in brackets if it may be left out */
    const char *purpose;
    ms_option option[MS_OPTIONS_MAX]; /* ends with one without a name */
    const char *example;
    size_t more_least;           /* files needed after the operand; then any number are taken */
    const char *rest;            /* what words behind "--" are called in the help; they are taken as `more` */
    bool collective;             /* runs under MPI */
    bool several;                /* any number of files are taken after the operand, none are needed */
    const ms_operand_kind *kind; /* what the operand may be; ends with one without a name */
    const char *repeatable;      /* the name of the option that may be given several times, or NULL */
    const char *const
        *choices[MS_OPTIONS_MAX]; /* of options whose value is one of these words (NULL-terminated) */
    /* Writes its output; returns a status with the message still to be printed ("": all is said). */
    ms_status (*run)(const ms_arguments *arguments, ms_error *error);
} ms_command;

extern const ms_command ms_command_run, ms_command_plan, ms_command_status, ms_command_watch,
    ms_command_summary, ms_command_verify, ms_command_merge, ms_command_export, ms_command_repack,
    ms_command_submit, ms_command_explain, ms_command_digest, ms_command_plot, ms_command_report,
    ms_command_diagnose, ms_command_advise, ms_command_train;

/* Reads the words after the subcommand's name. `*help` is set when --help is among them; then nothing else
 * matters. MS_ERROR_USAGE. */
ms_status ms_command_parse(const ms_command *command, int count, char **words, ms_arguments *arguments,
                           bool *help, ms_error *error);
void ms_command_help(const ms_command *command);
size_t ms_command_option_count(const ms_command *command);
size_t ms_command_kind_count(const ms_command *command);
/* The option that the word names (NULL: none does), and the value that hangs on it (--name=value, -xvalue),
 * or NULL. */
const ms_option *ms_command_option(const ms_command *command, const char *word, const char **value);
/* "modeseek NAME OPERAND -o VALUE [options]" */
void ms_command_usage(const ms_command *command, char *usage, size_t size);

/* The option --set, and the values that it gave. */
#define MS_OPTION_SET                                                                                        \
    {                                                                                                        \
        .name = "set", .value = "KEY=VALUE",                                                                 \
        .help = "replace a value of the sweep, such as budget.chains=64; repeatable"                         \
    }
ms_assignments ms_command_assignments(const ms_arguments *arguments);

/* The index of `word` among the names (NULL-terminated), for options with a choice of words; `fallback` if
 * word is NULL. MS_ERROR_USAGE naming the choices. */
ms_status ms_choose(const char *option, const char *word, const char *const *names, size_t fallback,
                    size_t *choice, ms_error *error);

/* A number of seconds, > 0, that an option gives; `fallback` if word is NULL. MS_ERROR_USAGE. */
ms_status ms_seconds(const char *option, const char *word, double fallback, double *seconds, ms_error *error);

#endif
