/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a replicate of splitting consists of. */
#ifndef MS_SPLITTING_STATE_H
#define MS_SPLITTING_STATE_H

#include "estimate/splitting.h"
#include "estimate/splitting_records.h"

#define MS_SPLITTING_LEVELS      512 /* from the threshold to the discovery set, which is the one after them */
#define MS_SPLITTING_SAMPLES_MAX 4096

enum {
    MS_SPLITTING_PILOT,     /* where are bulk and threshold? */
    MS_SPLITTING_ENTRANCES, /* trajectories from entrance to entrance */
    MS_SPLITTING_STARTS,    /* from starts to the bulk or the set */
    MS_SPLITTING_PROBES,    /* from the target's components to an entrance or the set */
    MS_SPLITTING_ROUNDS,    /* excursions */
    MS_SPLITTING_DONE
};

/* A chain that moves, in a lane: saved as it stands, so all members take 8 bytes. */
typedef struct ms_walker {
    uint64_t is_active;
    uint64_t chain;     /* its number: of the random numbers */
    uint64_t since;     /* whole steps, since its last entrance if it has had one, else since its start */
    uint64_t entrances; /* so far */
    uint64_t was_bulk;  /* it has been in the bulk since its last entrance */
    uint64_t particle;  /* whose excursion it is */
} ms_walker;

/* How far it is: saved as it stands, too. */
typedef struct ms_splitting_progress {
    uint64_t phase, iteration, moves;
    uint64_t clock;          /* pieces of the step that have been done */
    uint64_t chains, starts; /* numbers used so far */
    uint64_t samples;
    double bulk, threshold; /* at most, more than */
    uint64_t entrances, time, longest, lost;
    uint64_t tried, returns; /* starts that have ended, those of them in the discovery set */
    uint64_t probes;         /* components that chains have begun from, */
    uint64_t slow;           /* the last one's chains that have not come back, and */
    uint64_t traps;          /* components of which most have not */
    uint64_t rounds, waiting, ancestors;
    double probability; /* so far */
} ms_splitting_progress;

typedef struct ms_particle {
    ms_record_list records; /* those above the level of the last round */
    uint32_t level;         /* reached; MS_SPLITTING_LEVELS in the set */
    uint32_t ancestor;      /* the entrance that it comes from */
    uint32_t is_waiting;    /* to go on from its record */
} ms_particle;

struct ms_splitting {
    ms_law *law;
    ms_splitting_params params; /* without `run` */
    uint64_t key, fingerprint;
    ms_splitting_progress progress;
    double *x; /* [law->rows] of what moves */
    ms_walker walker[MS_LANES];
    double sample[MS_SPLITTING_SAMPLES_MAX];
    ms_particle *particle; /* [particles]; the first `entrances` are in use */
    uint32_t *queue;       /* [particles] of those waiting, ascending; from queue_first to queue_end, with
                              MS_NO_RECORD in the places of those that do not wait any more */
    size_t queue_first, queue_end;
    ms_records records;
    double *start; /* [law->rows] the starts of block `start_block`, if they have been drawn */
    _Alignas(MS_ALIGNMENT) double start_coordinate[MS_LANES];
    uint64_t start_block;
};

/* A number for a walker's chain. MS_ERROR_NUMERIC beyond 2^32. */
ms_status ms_splitting_number(ms_splitting *splitting, ms_walker *walker, ms_error *error);
/* Puts a position into a lane; its numbers are `stride` apart. */
void ms_splitting_place(ms_splitting *splitting, size_t lane, const double *x, size_t stride);
/* Whether a walker has gone on for so long that it is given up; it is then, and counted. */
bool ms_splitting_is_lost(ms_splitting *splitting, ms_walker *walker);
/* Says that there is no room for records: MS_ERROR_MEMORY. */
ms_status ms_splitting_full(ms_error *error);

/* Trajectories, a step of each of which has been made (splitting_trajectory.c). */
ms_status ms_splitting_begin_pilot(ms_splitting *splitting, ms_error *error);
ms_status ms_splitting_step_of_pilot(ms_splitting *splitting, size_t lane, double coordinate,
                                     ms_error *error);
void ms_splitting_end_pilot(ms_splitting *splitting);
ms_status ms_splitting_step_of_trajectory(ms_splitting *splitting, size_t lane, double coordinate,
                                          ms_error *error);
ms_status ms_splitting_begin_start(ms_splitting *splitting, size_t lane, ms_error *error);
void ms_splitting_step_of_start(ms_splitting *splitting, size_t lane, double coordinate);

/* Chains from components (splitting_probe.c): begins with the next one, or with the excursions. */
ms_status ms_splitting_next_probe(ms_splitting *splitting, ms_error *error);
void ms_splitting_step_of_probe(ms_splitting *splitting, size_t lane, double coordinate);

/* Excursions, a piece of a step of each of which has been made (splitting_excursion.c). */
void ms_splitting_begin_rounds(ms_splitting *splitting);
ms_status ms_splitting_begin_excursion(ms_splitting *splitting, size_t lane, ms_error *error);
ms_status ms_splitting_piece_of_excursion(ms_splitting *splitting, size_t lane, double coordinate,
                                          ms_error *error);
/* 0 to MS_SPLITTING_LEVELS - 1 of a finite coordinate, 0 below the threshold. */
uint32_t ms_splitting_level_of(const ms_splitting *splitting, double coordinate);

/* When all excursions have ended: the next round, or the end (splitting_round.c). False without memory. */
bool ms_splitting_round(ms_splitting *splitting);

#endif
