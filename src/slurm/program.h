/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_SLURM_PROGRAM_H
#define MS_SLURM_PROGRAM_H

#include <modeseek/status.h>
#include <stdbool.h>

/* What a program has printed and how it ended. */
typedef struct ms_program_output {
    char *text;          /* standard output, NUL-terminated; freed with ms_program_output_free() */
    char complaint[512]; /* what it printed on standard error, printable, its lines apart by "; " */
    int exit_code;       /* 128 + number for a signal, as shells have it */
} ms_program_output;

/* Runs the program `words[0]`, found in PATH, with the arguments that follow (NULL-terminated); no shell sees
 * them. It reads `input` (NULL: nothing), and is killed after `seconds`. Its environment is ours without
 * what changes the output of Slurm's commands that ask (SQUEUE_*, SACCT_*, SLURM_CLUSTERS ...) and what tells
 * of the job in which we run; with `times_in_seconds` these print times as seconds since 1970. The children
 * of MPI ranks are spawned without copying the process.
 *
 * MS_ERROR_IO: it could not be run, was killed for its time, or printed more than 64 MB; `output` is then
 * empty. A program that ran and failed is MS_OK: see exit_code. */
ms_status ms_program_run(const char *const *words, const char *input, double seconds, bool times_in_seconds,
                         ms_program_output *output, ms_error *error);
/* Whether this error of it means that there is no such program here. */
bool ms_program_is_missing(const ms_error *error);
void ms_program_output_free(ms_program_output *output);

/* The same for who must not wait: it runs beside us. Owned by the caller until it has ended. */
typedef struct ms_program ms_program;
ms_status ms_program_start(ms_program **program, const char *const *words, double seconds,
                           bool times_in_seconds, ms_error *error);
/* Whether it has ended, or was killed for its time; to be asked again and again, costs microseconds. Then
 * the program is freed, and `*status` and `output` are those of ms_program_run(). */
bool ms_program_look(ms_program *program, ms_program_output *output, ms_status *status, ms_error *error);
/* Kills and frees it; NULL is allowed. */
void ms_program_give_up(ms_program *program);

#endif
