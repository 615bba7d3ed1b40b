/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages between the coordinator (rank 0) and the workers. All small enough to be sent eagerly, so
 * that no send ever waits for its receiver. */
#ifndef MS_MESSAGE_H
#define MS_MESSAGE_H

#include "sweep/sweep.h"

#include <modeseek/status.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/* Every tag of the program. Messages of one sender arrive in the order they were sent. */
typedef enum ms_message_tag {
    MS_MESSAGE_BLOCK = 1, /* to a worker: compute `block` after those you have */
    MS_MESSAGE_PILOT,     /* to a worker: tell soon how long `block` takes, from `seconds` of it */
    MS_MESSAGE_LEAVE, /* to a worker: save what you have in work, unless `status` says that the file must not
                         be touched; say goodbye; nothing follows */
    MS_MESSAGE_EXPECTED, /* to the coordinator: `block` takes `seconds` of CPU time, NAN: not known */
    MS_MESSAGE_FINISHED, /* to the coordinator: `block` is in the file, `failed` or not */
    MS_MESSAGE_TROUBLE,  /* to the coordinator: all must stop, `status` and `text` say why */
    MS_MESSAGE_GOODBYE,  /* to the coordinator: the answer to LEAVE; nothing follows */
    MS_MESSAGE_ALIVE,    /* either way, when there was nothing else to say for a while */
    MS_MESSAGE_STOP      /* to rank 0, which prepares the farm: stop; empty */
} ms_message_tag;

/* What a finished block says of a mean first-passage time: sums over its units. */
typedef struct ms_tally {
    double units, iterations, discoveries;
    double squares, products; /* of iterations, and of these with discoveries */
} ms_tally;

/* Sent as bytes: all ranks run the same binary. `text` is sent only with TROUBLE. */
typedef struct ms_message {
    uint64_t block;
    uint64_t chains, discovered; /* of a finished block; discovered: any mode, by the first rule */
    double seconds;              /* of CPU time that it took */
    double notice;               /* see ms_block_job_notice() */
    int32_t failed, resumed;
    int32_t status;
    ms_tally tally[MS_SWEEP_RULES_LOOKED_AT]; /* of a finished block, where that may end its point */
    char text[sizeof((ms_error *)0)->message];
} ms_message;

void ms_message_send(MPI_Comm comm, int rank, ms_message_tag tag, const ms_message *message);

/* Takes the next message from any rank; false if none has arrived. */
bool ms_message_receive(MPI_Comm comm, int *rank, ms_message_tag *tag, ms_message *message);

/* ms_nap() for a rank that has been idle since `idle_since`: for the first moments it only lets others run,
 * because an answer may be on its way. */
void ms_message_idle(double idle_since);

/* Ends the program with a message unless this, or the next one, is called again within `seconds`; 0 switches
 * it off. Time in which the process is stopped does not count. It guards what waits for other ranks without a
 * limit: collective calls of MPI and HDF5. */
void ms_message_watchdog(double seconds);
/* Sets it to twice `timeout`: a rank in a loop that goes round is not the one that hangs. */
void ms_message_feed_watchdog(double timeout);

/* A clock that stands still while this process is stopped, be it alone or together with all others, as by a
 * scheduler: nobody has been heard of then, but nobody hangs for that. Begin with {0}. */
typedef struct ms_awake {
    double looked, processor, stopped;
} ms_awake;
/* To be called again and again; it notices a stop that is longer than a quarter of `timeout`. */
double ms_awake_clock(ms_awake *awake, double timeout);

/* Until now, and from when on, two ranks have heard of each other. */
typedef struct ms_liveness {
    double heard, told; /* by ms_awake_clock() */
} ms_liveness;

#endif
