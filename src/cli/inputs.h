/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a sweep names, and what results keep of them. */
#ifndef MS_CLI_INPUTS_H
#define MS_CLI_INPUTS_H

#include "results/results.h"

/* The sweep of open results, as ms_sweep_of_results(), with the numbers in files that it names, if these are
 * kept in the results or lie beside them. If not, it is as results keep it, and `why` says what is missing
 * ("": nothing). @param path of the sweep file, or NULL; @param inputs out: those of the results; the caller
 * frees them */
ms_status ms_sweep_with_files(ms_sweep **sweep, ms_results *results, const char *path, ms_inputs *inputs,
                              ms_error *why, ms_error *error);

/* A sweep as results keep it becomes one with the numbers in its files, if `inputs` have these or they lie
 * beside the file `name`. If not, it stays as it is, and `why` says what is missing ("": nothing). */
ms_status ms_sweep_read_tables(ms_sweep **sweep, const char *name, const ms_inputs *inputs, ms_error *why,
                               ms_error *error);

/* As ms_sweep_parse_with(); where files that the sweep names are missing, the results, if there are any at
 * `results_path`, stand in for them. */
ms_status ms_sweep_parse_beside(ms_sweep **sweep, const char *path, const char *text, size_t length,
                                const ms_assignments *assignments, const char *results_path,
                                ms_diagnostics *diagnostics);

/* Adds to `inputs`, which results keep, the files that the sweep names and that were read with it; from a
 * sweep file, also names and checksums of plugins and their data. Of others it adds the names, and says so.
 */
ms_status ms_inputs_collect(ms_inputs *inputs, const ms_sweep *sweep, bool is_of_file, ms_error *error);

#endif
