/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills in the templates of slurm/. */
#ifndef MS_JOB_SCRIPT_H
#define MS_JOB_SCRIPT_H

#include <modeseek/status.h>
#include <stdbool.h>
#include <stddef.h>

extern const char ms_template_sweep[], ms_template_finish[]; /* slurm/NAME.sbatch as they were at the build */

/* One line of the settings: NAME='VALUE', or with a name of NULL the file VALUE that is sourced. */
typedef struct ms_setting {
    const char *name, *value;
} ms_setting;

/* The template with these options of sbatch and these settings in place of its own. An option may be several
 * words: those that do not begin with a dash belong to the one before. Any printable word is handed on as it
 * is. The caller frees it; NULL: out of memory. */
char *ms_job_script(const char *template, const char *const *options, size_t option_count,
                    const ms_setting *settings, size_t setting_count);

/* Whether a user may give sbatch these words: MS_ERROR_USAGE for what `submit` sets itself, what is no
 * option, and what is not printable. */
ms_status ms_job_options_check(char *const *words, size_t count, ms_error *error);

/* Whether the option that begins with this word is as good for a job of one rank that comes afterwards: which
 * account, partition, ... it belongs to, not how much it takes. */
bool ms_job_option_is_general(const char *word);

/* Whether it says how much memory: sbatch takes only one such option. */
bool ms_job_option_is_memory(const char *word);

#endif
