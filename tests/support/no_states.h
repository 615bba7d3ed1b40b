/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For programs with a results room of their own that stores nothing: what the farm asks of it beside results.
 */
#ifndef MS_TESTS_NO_STATES_H
#define MS_TESTS_NO_STATES_H

#include "results/results.h"

#ifndef STATE_SIZE
#define STATE_SIZE ((size_t)1 << 20)
#endif

size_t ms_results_state_size(const ms_results *results, size_t block)
{
    (void)results;
    (void)block;
    return STATE_SIZE;
}

ms_status ms_results_state_save(ms_results *results, size_t block, const ms_saved_state *saved,
                                const void *state, ms_error *error)
{
    (void)results;
    (void)block;
    (void)saved;
    (void)state;
    (void)error;
    return MS_OK;
}

ms_status ms_results_saved_size(ms_results *results, size_t block, size_t *size, ms_error *error)
{
    (void)results;
    (void)block;
    (void)error;
    *size = 0;
    return MS_OK;
}

ms_status ms_results_state_load(ms_results *results, size_t block, void *state, size_t size,
                                ms_saved_state *found, bool *torn, ms_error *error)
{
    (void)results;
    (void)block;
    (void)state;
    (void)size;
    (void)torn;
    (void)error;
    *found = (ms_saved_state){0};
    return MS_OK;
}

ms_status ms_results_attempt_begin(ms_results *results, size_t block, ms_error *error)
{
    (void)results;
    (void)block;
    (void)error;
    return MS_OK;
}

ms_status ms_results_attempt_progress(ms_results *results, size_t block, bool is_over, ms_error *error)
{
    (void)results;
    (void)block;
    (void)is_over;
    (void)error;
    return MS_OK;
}

ms_status ms_results_attempts(ms_results *results, ms_attempt *list, ms_error *error)
{
    (void)results;
    (void)list;
    (void)error;
    return MS_OK;
}

ms_status ms_results_block_seconds(ms_results *results, double *seconds, ms_error *error)
{
    (void)results;
    (void)seconds;
    (void)error;
    return MS_OK;
}

void ms_lock_beat(ms_lock *lock)
{
    (void)lock;
}

void ms_lock_set_left(ms_lock *lock, double seconds)
{
    (void)lock;
    (void)seconds;
}

ms_status ms_lock_check(const ms_lock *lock, ms_error *error)
{
    (void)lock;
    (void)error;
    return MS_OK;
}

ms_status ms_results_check(ms_results *results, bool at_end, ms_error *error)
{
    (void)results;
    (void)at_end;
    (void)error;
    return MS_OK;
}

void ms_lock_release(ms_lock *lock)
{
    (void)lock;
}

/* Nothing is done that could be read. */
ms_status ms_results_read_block(ms_results *results, size_t block, const ms_block_results **block_results,
                                bool *torn, ms_error *error)
{
    (void)results;
    (void)block_results;
    (void)torn;
    return ms_error_set(error, MS_ERROR_ARGUMENT, "there is no block %zu", block);
}

ms_status ms_results_skip(ms_results *results, size_t first, size_t count, ms_error *error)
{
    (void)results;
    (void)first;
    (void)count;
    (void)error;
    return MS_OK;
}

#endif
