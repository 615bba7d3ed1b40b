/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be found out about a results file and those who write it, and what follows from that. */
#ifndef MS_FACTS_H
#define MS_FACTS_H

#include "results/results.h"
#include "slurm/accounts.h"
#include "slurm/listing.h"
#include "slurm/submission.h"

#define MS_REASONS_MAX 16

/* A start of the program on the file. Words are "" where they are not known. */
typedef struct ms_past_start {
    char time[32], host[64], job[33], name[64], cluster[64];
    int64_t since; /* s since 1970; 0: unknown */
    long ranks;
} ms_past_start;
/* From the line of the file's history. */
void ms_past_start_read(const char *line, ms_past_start *start);

/* Failed blocks with the same reason. */
typedef struct ms_reason {
    char text[MS_FAILURE_MAX];
    size_t blocks;
} ms_reason;

typedef struct ms_facts {
    const char *path;
    bool exists;
    ms_error problem;     /* why the file, which exists, cannot be read */
    double free_bytes;    /* of the disk; INFINITY: unknown */
    int64_t now, changed; /* s since 1970; `changed`: the file was, the last time */

    size_t blocks, done, failed, quarantined, saved, begun; /* failed ones with those given up; begun: in work
                                                             * when the last sign of life came */
    double begun_share; /* of their budget that those with a saved state have done, on average; 0: none has */
    size_t vain;        /* unfinished blocks that were begun twice or more since their last progress, */
    uint64_t vain_most; /* at most so often, */
    size_t vain_block;  /* as this one was */
    double core_seconds, lost;
    ms_reason reason[MS_REASONS_MAX];
    size_t reasons; /* more of them are left out */

    ms_past_start *start;
    size_t starts;
    bool is_merged, is_cut; /* as ms_results_starts() has them */

    ms_writer writer;
    bool is_here; /* the writer's host is this one */

    ms_submission submission; /* its `token` is "" where there is none; of the whole array for the file of */
    char task[32];            /* this task of it; else "" */
    ms_slurm_entry *job;      /* those that have to do with the file; live ones first */
    size_t jobs;
    bool is_asked;          /* Slurm was: it may have failed, */
    ms_error slurm_problem; /* for this reason */
    bool is_silent;         /* there is a Slurm, which did not answer */
    char cluster[64];       /* whose Slurm was asked; "": not known */
    ms_slurm_account *account;
    size_t accounts;
    ms_error accounts_problem;
} ms_facts;

/* Asks all who know: the file, its lock, squeue and sacct once each at most. MS_ERROR_MEMORY; what cannot be
 * found out is no error. Free the facts in any case. */
ms_status ms_facts_find(const char *path, ms_facts *facts, ms_error *error);
void ms_facts_free(ms_facts *facts);

/* The cluster of the last job, as the file has it: "" where that is not known. */
const char *ms_facts_cluster(const ms_facts *facts);

/* The last job of Slurm that wrote the file, "" where it was none, and its entry, NULL where Slurm has none.
 */
const char *ms_facts_last_job(const ms_facts *facts);
const ms_slurm_entry *ms_facts_last_entry(const ms_facts *facts);

#define MS_ADVICE_MAX 8

/* The first thing a person wants to know, and what to do. */
typedef struct ms_diagnosis {
    const char *state; /* one word, for programs */
    char sentence[1024];
    char advice[MS_ADVICE_MAX][768];
    size_t advices;
} ms_diagnosis;

ms_diagnosis ms_diagnose(const ms_facts *facts);

/* How much of what was allocated went into blocks. */
typedef struct ms_efficiency {
    bool is_known, is_bound; /* is_bound: it is at least so much, for not all is known of earlier starts */
    double value;
    double core_seconds,
        allocated;      /* of blocks, with those that are saved of unfinished ones; of processors */
    const char *source; /* "sacct", or "starts": the file's own history */
    char problem[256];  /* why it is not known */
} ms_efficiency;

ms_efficiency ms_find_efficiency(const ms_facts *facts);

#endif
