/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/job_share.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_count(const char **at, size_t *count)
{
    const char *begin = *at;
    *count = 0;
    for (; **at >= '0' && **at <= '9' && *count <= MS_SWEEP_SHARES_MAX; ++*at)
        *count = 10 * *count + (size_t)(**at - '0');
    return *at > begin && *count > 0 && *count <= MS_SWEEP_SHARES_MAX;
}

ms_status ms_job_share_read(ms_job_share *share, const char *word, ms_error *error)
{
    const char *at = word;
    *share = (ms_job_share){0};
    if (!word)
        return MS_OK;
    if (!read_count(&at, &share->number) || *at++ != '/' || !read_count(&at, &share->count) || *at ||
        share->number > share->count)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--share %s: write I/N for share I of N, with I from 1 to N and N at most %u",
                            word, MS_SWEEP_SHARES_MAX);
    snprintf(share->label, sizeof share->label, "share %zu of %zu: ", share->number, share->count);
    return MS_OK;
}

ms_status ms_job_share_find(ms_job_share *share, const ms_sweep *sweep, ms_error *error)
{
    if (share->count == 0)
        return MS_OK;
    size_t blocks = ms_sweep_block_count(sweep);
    uint32_t *share_of = calloc(blocks, sizeof *share_of);
    share->wanted = calloc(blocks, sizeof *share->wanted);
    ms_status status = share_of && share->wanted
                           ? ms_sweep_deal(sweep, share->count, share_of, error)
                           : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu blocks", blocks);
    for (size_t b = 0; status == MS_OK && b < blocks; b++)
        share->wanted[b] = share_of[b] == share->number - 1;
    free(share_of);
    return status;
}

void ms_job_share_free(ms_job_share *share)
{
    free(share->wanted);
    share->wanted = NULL;
}
