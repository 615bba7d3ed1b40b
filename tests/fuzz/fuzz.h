/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fuzz targets share: the entry points that libFuzzer (or replay.c in its place) calls, and a folder for
 * files. */
#ifndef MS_TESTS_FUZZ_H
#define MS_TESTS_FUZZ_H

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* mkdtemp */
#endif

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Optional: changes the input in place, which has room for `room` bytes; returns its new size. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

/* What must hold for any input. */
#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                   \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* Makes a folder, in memory where there is such a place. The caller removes it. */
static inline void make_folder(char *folder, size_t size)
{
    const char *parent = getenv("TMPDIR");
    if (!parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    HOLDS(snprintf(folder, size, "%s/modeseek-fuzz-XXXXXX", parent) < (int)size);
    HOLDS(mkdtemp(folder));
}

/* The file that a target writes, in a folder of its own; both are removed in the end. */
static char fuzz_file[220];

static inline void remove_fuzz_file(void)
{
    unlink(fuzz_file);
    *strrchr(fuzz_file, '/') = '\0';
    rmdir(fuzz_file);
}

static inline void make_fuzz_file(char *folder, size_t size, const char *name)
{
    make_folder(folder, size);
    HOLDS(snprintf(fuzz_file, sizeof fuzz_file, "%s/%s", folder, name) < (int)sizeof fuzz_file);
    atexit(remove_fuzz_file);
}

static inline void write_whole(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    HOLDS(file && fwrite(bytes, 1, size, file) == size);
    HOLDS(fclose(file) == 0);
}

#endif
