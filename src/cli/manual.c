/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manual pages, in the macros of man(7). */
#include "cli/manual.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <modeseek/modeseek.h>
#include <stdio.h>
#include <string.h>

/* Text of which roff takes no character for anything else; a blank line begins a paragraph. */
static void put_text(FILE *out, const char *text)
{
    bool begins = true;
    for (; *text; text++) {
        if (begins && *text == '\n') {
            fputs(".PP", out);
        } else if (begins && (*text == '.' || *text == '\'')) {
            fputs("\\&", out);
        }
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        begins = *text == '\n';
    }
    if (!begins)
        fputc('\n', out);
}

/* The first line of what a command is for, as it stands beside its name. */
static void put_purpose(FILE *out, const ms_command *command)
{
    char line[256];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(command->purpose, "\n"), command->purpose);
    line[0] = (char)tolower((unsigned char)line[0]);
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '.')
        line[length - 1] = '\0';
    put_text(out, line);
}

static void put_title(FILE *out, const char *name, const char *date)
{
    fprintf(out, ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
                 ".\\\" written by the program from the table of its commands\n"
                 ".TH MODESEEK");
    for (const char *c = name; *c; c++)
        fprintf(out, "%s%c", c == name ? "\\-" : "", toupper((unsigned char)*c));
    fprintf(out, " 1 %s \"modeseek %s\" \"User Commands\"\n.SH NAME\nmodeseek%s%s \\- ", date, ms_version(),
            *name ? "\\-" : "", name);
}

static void put_option(FILE *out, const ms_option *option)
{
    fprintf(out, ".TP\n");
    if (option->letter)
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    fprintf(out, "\\fB\\-\\-");
    for (const char *c = option->name; *c; c++)
        fprintf(out, *c == '-' ? "\\-" : "%c", *c);
    fprintf(out, option->value ? "\\fR \\fI%s\\fR\n" : "\\fR\n", option->value);
    put_text(out, option->help);
    if (option->required)
        fprintf(out, "(required)\n");
}

static void put_page(const ms_command *command, const char *date, FILE *out)
{
    char usage[256];
    ms_command_usage(command, usage, sizeof usage);
    put_title(out, command->name, date);
    put_purpose(out, command);
    fprintf(out, ".SH SYNOPSIS\n.nf\n");
    put_text(out, usage);
    fprintf(out, ".fi\n.SH DESCRIPTION\n");
    put_text(out, command->purpose);
    size_t kinds = ms_command_kind_count(command);
    if (kinds > 0)
        fprintf(out, ".SH KINDS\n");
    for (size_t i = 0; i < kinds; i++) {
        fprintf(out, ".TP\n.B ");
        put_text(out, command->kind[i].name);
        put_text(out, command->kind[i].purpose);
    }
    fprintf(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < ms_command_option_count(command); i++)
        put_option(out, &command->option[i]);
    put_option(out, &(ms_option){"help", 'h', NULL, "print the options and an example", false});
    fprintf(out, ".SH EXIT STATUS\n0 on success;\n.BR modeseek (1)\nlists the others.\n.SH EXAMPLES\n.nf\n");
    put_text(out, command->example);
    fprintf(out, ".fi\n.SH SEE ALSO\n.BR modeseek (1)\n");
}

static void put_terms(FILE *out, const char *section, const char *const (*term)[2])
{
    fprintf(out, ".SH %s\n", section);
    for (; (*term)[0]; term++) {
        fprintf(out, ".TP\n.I ");
        put_text(out, (*term)[0]);
        put_text(out, (*term)[1]);
    }
}

static const char *const files[][2] = {
    {"SWEEP.yaml", "An experiment: target, sampler, budget, grid. docs/sweep-file.md has every key."},
    {"FILE.h5", "Its results, in HDF5. docs/results-file.md has every dataset."},
    {"FILE.h5.lock", "Who writes FILE.h5, with its last heartbeat. It may remain after a kill, harmlessly."},
    {"FILE.h5.submit", "What modeseek submit has submitted for FILE.h5."},
    {"PREFIX/share/modeseek", "Documents, sweeps of experiments, job scripts and the Python package."},
    {NULL, NULL},
};

static const char *const environment[][2] = {
    {"MODESEEK_PYTHON",
     "The Python 3 for plot, report, diagnose and train (default: python3 in PATH, or else "
     "/usr/bin/python3)."},
    {"MODESEEK", "The program, for the Python package and job scripts that are used by hand."},
    {"MODESEEK_SETUP", "A file that job scripts used by hand begin with."},
    {"TERM, COLUMNS", "Whether progress is shown as a bar, and how wide."},
    {"SLURM_JOB_ID and others",
     "The job of Slurm that the program runs in: run stops cleanly before its end."},
    {NULL, NULL},
};

static void put_main_page(const ms_command *const *list, size_t count, const char *date, FILE *out)
{
    put_title(out, "", date);
    fprintf(out,
            "measures how long samplers take to find the modes of a distribution\n"
            ".SH SYNOPSIS\n.nf\n\\fBmodeseek\\fR \\fICOMMAND\\fR \\fIFILE\\fR [\\fIoptions\\fR]\n"
            "\\fBmodeseek help\\fR [\\fICOMMAND\\fR]\n\\fBmodeseek \\-\\-version\\fR\n.fi\n"
            ".SH DESCRIPTION\n"
            "Runs samplers, vanilla, annealed or chained, over a grid of dimensions, patch sizes, noise\n"
            "levels, seeds and other parameters, and writes when each chain discovers which mode.\n"
            "Each command has a page of its own.\n.SH COMMANDS\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, ".TP\n.BR modeseek\\-%s (1)\n", list[i]->name);
        put_purpose(out, list[i]);
    }
    fprintf(out, ".SH EXIT STATUS\n"
                 "1 is that of the Python package, where it fails; all others are:\n");
#define PUT_STATUS(name, exit_code, message) fprintf(out, ".TP\n.B %d\n%s\n", exit_code, message);
    MS_STATUS_LIST(PUT_STATUS)
#undef PUT_STATUS
    put_terms(out, "FILES", files);
    put_terms(out, "ENVIRONMENT", environment);
    fprintf(out, ".SH SEE ALSO\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, ".BR modeseek\\-%s (1)%s\n", list[i]->name, i + 1 < count ? "," : "");
    fprintf(out,
            ".PP\nThe documents in\n.IR PREFIX/share/modeseek/docs ;\n"
            "X. Cheng, K. Fu, F. Farnia, \\(lqOn the Mode\\-Seeking Properties of Langevin Dynamics\\(rq,\n"
            "arXiv 2406.02017.\n");
}

ms_status ms_write_manual(const ms_command *const *list, size_t count, const char *folder, const char *date,
                          ms_error *error)
{
    for (size_t i = 0; i <= count; i++) {
        char path[PATH_MAX];
        const char *name = i < count ? list[i]->name : "";
        int length = snprintf(path, sizeof path, "%s/modeseek%s%s.1", folder, *name ? "-" : "", name);
        FILE *out = length < PATH_MAX ? fopen(path, "w") : NULL;
        if (!out)
            return ms_error_set(error, MS_ERROR_IO, "cannot make %s: %s", path, strerror(errno));
        if (i < count)
            put_page(list[i], date, out);
        else
            put_main_page(list, count, date, out);
        bool good = !ferror(out);
        if (fclose(out) != 0 || !good)
            return ms_error_set(error, MS_ERROR_IO, "cannot write %s: %s", path, strerror(errno));
    }
    return MS_OK;
}
