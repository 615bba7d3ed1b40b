/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `summary` prints, from an opened results file. */
#ifndef MS_REPORT_H
#define MS_REPORT_H

#include "cli/output.h"
#include "results/results.h"

typedef struct ms_report {
    ms_format format;
    bool pool_seeds;
    const char *rule; /* only this one; NULL: both */
    const char *mode; /* only this one: a number, "any" or "all"; NULL: every one */
    size_t rows_max;  /* of a readable table */
    uint64_t horizon; /* of the restricted mean, in iterations; 0: the budget of each point */
    /* where there are several files: */
    ms_output_shared *shared;   /* of CSV or JSON, or NULL */
    const char *const *also_in; /* [points] the file before this one that has the point, or NULL; or NULL */
    const char *unequal;        /* of several files: why their iterations are not to be compared, or NULL */
    bool has_estimators;        /* not all points are simulated directly, in any of the files */
    bool has_within_pass;       /* snapshots lie in the middle of passes, in any of the files */
} ms_report;

/* Discovery times: a row per point, rule and mode. */
ms_status ms_report_times(ms_results *results, const ms_report *report, ms_error *error);

/* Mean first-passage times until any mode, whatever the estimator: a row per point and rule. */
ms_status ms_report_means(ms_results *results, const ms_report *report, ms_error *error);

/* Where the chains are at the snapshots: a row per point and snapshot. */
ms_status ms_report_shares(ms_results *results, const ms_report *report, ms_error *error);

/* Whether a snapshot of a point lies in the middle of a pass. */
bool ms_report_within_pass(const ms_results_info *info);

/* The first point after those that belong together with `first`: if seeds are pooled, those that differ in
 * their seed alone, which follow one another. */
size_t ms_report_group_end(const ms_results_info *info, const ms_report *report, size_t first);

/* The axes that are columns of a table, in their order: what the grid has beyond the four that every file
 * has, and these; of the further ones a readable table has only those that vary. Returns how many. */
size_t ms_report_axes(const ms_results_info *info, ms_format format,
                      const ms_results_axis *list[MS_SWEEP_AXES_MAX]);

/* Whether an axis has several values, seeds that are pooled being one. */
bool ms_report_varies(const ms_results_info *info, const ms_report *report, const ms_results_axis *axis);

/* Where on an axis a point lies, or "pooled". */
ms_cell ms_report_value(const ms_results_info *info, const ms_report *report, const ms_results_axis *axis,
                        size_t point);

/* Begins a table, or a part of the shared one. */
ms_status ms_report_begin(const ms_report *report, ms_output_table *table, const char *const *column,
                          size_t columns, ms_error *error);
/* The next rows are of the points from `first` to `end` - 1. */
void ms_report_points(const ms_report *report, size_t first, size_t end);

/* Why times in iterations are not to be compared between the points and the first one of `with`; NULL: they
 * are. */
const char *ms_report_unequal(const ms_results_info *info, const ms_results_info *with);

/* The last lines of a readable report: what makes fewer rows (or NULL), if some were left out, and where all
 * columns are. */
void ms_report_rest(const ms_output_table *table, const char *choices, const char *all_columns);

/* Blocks whose units are in no row. */
typedef struct ms_report_blocks {
    size_t read, failed;
} ms_report_blocks;
void ms_report_count(ms_report_blocks *blocks, const ms_block_results *block);
/* A line below a readable table, if some failed or there are no rows. */
void ms_report_absent(const ms_report_blocks *blocks, const ms_output_table *table,
                      const ms_results_info *info);

/* What computes a point: "none" where nothing can, and why that is so: what speaks against the last estimator
 * that was asked. */
const char *ms_report_estimator(const ms_results_info *info, size_t point);
const char *ms_report_refusal(const ms_results_info *info, size_t point);

/* Points that are not simulated directly. */
size_t ms_report_indirect(const ms_results_info *info);

/* The sweep of a results file: as it stands in the file, or as the sweep file at `path` says, if not NULL,
 * which must be of the same identity. MS_ERROR_SWEEP, MS_ERROR_MISMATCH. */
ms_status ms_sweep_of_results(ms_sweep **sweep, const ms_results_info *info, const char *path,
                              ms_error *error);

/* An array of a * b * c elements, or NULL; also where the product overflows. */
void *ms_array_alloc(size_t a, size_t b, size_t c, size_t element_size);

/* The status of a file that lacks `missing` blocks, of whose others `failed` failed, for commands that are
 * asked to check it: MS_STOPPED, MS_ERROR_POINTS or MS_OK. The caller has said so; no message is left. */
ms_status ms_check_complete(size_t missing, size_t failed, ms_error *error);

#endif
