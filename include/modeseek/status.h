/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file status.h
 * How every function of modeseek reports failure: a status is returned, and the lowest level that knows the
 * reason writes the message, naming the place (file, line, dataset, errno) and what to do about it. */
#ifndef MODESEEK_STATUS_H
#define MODESEEK_STATUS_H

#include <modeseek/export.h>

MS_BEGIN_API

/** One list makes the enum, the program's exit codes and the default messages: X(name, exit code, message).
 */
#define MS_STATUS_LIST(X)                                                                                    \
    X(MS_OK, 0, "success")                                                                                   \
    X(MS_ERROR_USAGE, 2, "wrong command line")                                                               \
    X(MS_ERROR_SWEEP, 3, "invalid sweep file")                                                               \
    X(MS_ERROR_IO, 4, "input or output failed")                                                              \
    X(MS_ERROR_FORMAT, 5, "not a modeseek results file, or a damaged one")                                   \
    X(MS_ERROR_MISMATCH, 6, "the results file belongs to another sweep")                                     \
    X(MS_ERROR_LOCKED, 7, "another job is writing the results file")                                         \
    X(MS_ERROR_POINTS, 8, "some points failed; the others are in the file")                                  \
    X(MS_ERROR_MEMORY, 9, "out of memory")                                                                   \
    X(MS_ERROR_ARGUMENT, 10, "invalid argument")                                                             \
    X(MS_ERROR_NUMERIC, 11, "a chain diverged (non-finite state)")                                           \
    X(MS_ERROR_RANK, 12, "a rank is not responding")                                                         \
    X(MS_ERROR_INTERNAL, 70, "internal error")                                                               \
    X(MS_STOPPED, 75, "stopped on request; the same command resumes")

typedef enum ms_status {
#define MS_STATUS_ENUM(name, exit_code, message) name,
    MS_STATUS_LIST(MS_STATUS_ENUM)
#undef MS_STATUS_ENUM
        MS_STATUS_COUNT
} ms_status;

/** A failure with its reason. Callers own it (usually on the stack); `{0}` means no failure. */
typedef struct ms_error {
    ms_status status;
    char message[512];
} ms_error;

/** Writes `status` and a printf-formatted message to `*error` (may be NULL: then only the status counts).
 * Longer messages are cut; control characters and what is no UTF-8 become '?'. Returns `status`, so that
 * `return ms_error_set(error, ...)` reads as one step. */
ms_status ms_error_set(ms_error *error, ms_status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
#ifdef __clang_analyzer__ /* sees one file at a time: tell it what is returned */
#define ms_error_set(error, status, ...) ((void)(ms_error_set)((error), (status), __VA_ARGS__), (status))
#endif

/** The default message of a status; never NULL. The string is static. */
const char *ms_status_message(ms_status status);

/** The program's exit code for a status (docs/command-line.md). */
int ms_status_exit_code(ms_status status);

MS_END_API
#endif
