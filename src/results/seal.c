/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/seal.h"

#include "results/crc32c.h"
#include "results/fault.h"
#include "results/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (1u << 20)

/* Little-endian numbers at fixed places; what stands before NUMBERS is for people. */
enum {
    NUMBERS = 128,
    AT_FORMAT = NUMBERS,
    AT_ARCHIVE = NUMBERS + 4,
    AT_FILE_SIZE = NUMBERS + 8,
    AT_HOLES = NUMBERS + 16,
    AT_CONTENT = NUMBERS + 20, /* CRC32C of the sealed bytes behind the seal */
    AT_HOLE = NUMBERS + 24,
    AT_SEAL = MS_SEAL_SIZE - 4 /* CRC32C of the bytes before it */
};
_Static_assert(AT_HOLE + MS_HOLES_MAX * 16 <= AT_SEAL, "room for all holes");

static const char magic[] = "modeseek results; HDF5 begins at byte 4096\n";
static const char old_magic[] = "modeseek results; HDF5 begins at byte 512\n"; /* never released */

static void put(unsigned char *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static ms_status read_failed(const char *name, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_IO, "%s: cannot be read: %s", name, strerror(errno));
}

/* Continues a checksum over bytes [begin, end) of the file. */
static ms_status checksum_range(int file, const char *name, uint64_t begin, uint64_t end,
                                unsigned char *piece, ms_task *task, uint32_t *crc, ms_error *error)
{
    while (begin < end) {
        ms_status status = ms_task_go_on(task, error);
        if (status != MS_OK)
            return status;
        size_t wanted = end - begin < PIECE ? (size_t)(end - begin) : PIECE;
        ssize_t got = MS_TRY(MS_FAULT_READ, pread(file, piece, wanted, (off_t)begin));
        if (got < 0)
            return read_failed(name, error);
        if (got == 0)
            return ms_error_set(error, MS_ERROR_FORMAT, "%s: ends in the middle", name);
        *crc = ms_crc32c(*crc, piece, (size_t)got);
        begin += (uint64_t)got;
    }
    return MS_OK;
}

/* Of everything behind the seal but the holes. */
static ms_status checksum_content(int file, const char *name, const ms_seal *seal, ms_task *task,
                                  uint32_t *crc, ms_error *error)
{
    unsigned char *piece = ms_calloc(PIECE, 1);
    if (!piece)
        return ms_error_set(error, MS_ERROR_MEMORY, "%s: no memory to read it", name);
    uint64_t at = MS_SEAL_SIZE;
    ms_status status = MS_OK;
    *crc = 0;
    for (size_t i = 0; status == MS_OK && i < seal->holes; i++) {
        status = checksum_range(file, name, at, seal->hole[i].offset, piece, task, crc, error);
        at = seal->hole[i].offset + seal->hole[i].size;
    }
    if (status == MS_OK)
        status = checksum_range(file, name, at, seal->file_size, piece, task, crc, error);
    free(piece);
    return status;
}

static void sort_holes(ms_seal *seal)
{
    for (size_t i = 1; i < seal->holes; i++)
        for (size_t j = i; j > 0 && seal->hole[j].offset < seal->hole[j - 1].offset; j--) {
            ms_hole swap = seal->hole[j];
            seal->hole[j] = seal->hole[j - 1];
            seal->hole[j - 1] = swap;
        }
}

static bool holes_are_in_order(const ms_seal *seal)
{
    uint64_t at = MS_SEAL_SIZE;
    for (size_t i = 0; i < seal->holes; i++) {
        if (seal->hole[i].offset < at || seal->hole[i].offset > seal->file_size ||
            seal->hole[i].size > seal->file_size - seal->hole[i].offset)
            return false;
        at = seal->hole[i].offset + seal->hole[i].size;
    }
    return true;
}

ms_status ms_seal_write(const char *path, const char *name, ms_task *task, ms_seal *seal, ms_error *error)
{
    unsigned char bytes[MS_SEAL_SIZE] = {0};
    uint32_t content = 0;
    struct stat entry;
    int file = MS_TRY(MS_FAULT_MAKE, open(path, O_RDWR | O_CLOEXEC));
    if (file < 0 || fstat(file, &entry) != 0) {
        ms_status status =
            ms_error_set(error, MS_ERROR_IO, "%s: cannot be sealed: %s", name, strerror(errno));
        if (file >= 0)
            close(file);
        return status;
    }
    seal->file_size = (uint64_t)entry.st_size;
    sort_holes(seal);
    ms_status status = checksum_content(file, name, seal, task, &content, error);
    memcpy(bytes, magic, sizeof magic - 1);
    put(bytes + AT_FORMAT, seal->format_version, 4);
    put(bytes + AT_ARCHIVE, seal->archive, 4);
    put(bytes + AT_FILE_SIZE, seal->file_size, 8);
    put(bytes + AT_HOLES, seal->holes, 4);
    put(bytes + AT_CONTENT, content, 4);
    for (size_t i = 0; i < seal->holes; i++) {
        put(bytes + AT_HOLE + 16 * i, seal->hole[i].offset, 8);
        put(bytes + AT_HOLE + 16 * i + 8, seal->hole[i].size, 8);
    }
    put(bytes + AT_SEAL, ms_crc32c(0, bytes, AT_SEAL), 4);
    if (status == MS_OK &&
        MS_TRY(MS_FAULT_WRITE, pwrite(file, bytes, sizeof bytes, 0)) != (ssize_t)sizeof bytes)
        status = ms_error_set(error, MS_ERROR_IO, "%s: cannot be sealed: %s", name, strerror(errno));
    close(file);
    return status;
}

static ms_status refuse_old(const unsigned char *bytes, const char *name, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_FORMAT,
                        "%s: has format version %u, from before the first release, with different random "
                        "numbers; run its sweep again",
                        name, (unsigned)get(bytes + AT_FORMAT, 4));
}

/* The numbers of the seal itself; the content is checked after. */
static ms_status parse(const unsigned char *bytes, const char *name, ms_seal *seal, uint32_t *content,
                       ms_error *error)
{
    if (memcmp(bytes, old_magic, sizeof old_magic - 1) == 0)
        return refuse_old(bytes, name, error);
    if (memcmp(bytes, magic, sizeof magic - 1) != 0)
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: is not a modeseek results file: it does not begin with \"modeseek results\"",
                            name);
    uint64_t holes = get(bytes + AT_HOLES, 4);
    bool intact = get(bytes + AT_SEAL, 4) == ms_crc32c(0, bytes, AT_SEAL);
    *seal = (ms_seal){.format_version = (uint32_t)get(bytes + AT_FORMAT, 4),
                      .archive = get(bytes + AT_ARCHIVE, 4) != 0,
                      .file_size = get(bytes + AT_FILE_SIZE, 8),
                      .holes = holes <= MS_HOLES_MAX ? (size_t)holes : MS_HOLES_MAX};
    *content = (uint32_t)get(bytes + AT_CONTENT, 4);
    if (intact && seal->format_version > MS_RESULTS_FORMAT_VERSION)
        return ms_error_set(
            error, MS_ERROR_FORMAT,
            "%s: has format version %u, written by a newer modeseek; this one reads version %d, update it",
            name, (unsigned)seal->format_version, MS_RESULTS_FORMAT_VERSION);
    if (intact && seal->format_version < MS_RESULTS_FORMAT_VERSION)
        return refuse_old(bytes, name, error);
    for (size_t i = 0; i < seal->holes; i++)
        seal->hole[i] = (ms_hole){get(bytes + AT_HOLE + 16 * i, 8), get(bytes + AT_HOLE + 16 * i + 8, 8)};
    if (!intact || holes > MS_HOLES_MAX || !holes_are_in_order(seal))
        return ms_error_set(error, MS_ERROR_FORMAT, "%s: is damaged: its first %u bytes have changed", name,
                            MS_SEAL_SIZE);
    return MS_OK;
}

ms_status ms_seal_check_open(int file, const char *path, bool force, ms_task *task, ms_seal *seal,
                             ms_error *error)
{
    *seal = (ms_seal){0};
    unsigned char bytes[MS_SEAL_SIZE];
    struct stat entry;
    ssize_t got = MS_TRY(MS_FAULT_READ, pread(file, bytes, sizeof bytes, 0));
    if (got < 0 || fstat(file, &entry) != 0)
        return read_failed(path, error);
    bool is_ours = memcmp(bytes, magic, sizeof magic - 1) == 0; /* of another, its beginning says more */
    if (got == 0 || (got < (ssize_t)sizeof bytes && is_ours))
        return ms_error_set(error, MS_ERROR_FORMAT, "%s: is not a modeseek results file: it is %s", path,
                            got == 0 ? "empty" : "too short");
    uint32_t expected = 0, content = 0;
    ms_status status = parse(bytes, path, seal, &expected, error);
    if (status != MS_OK || force)
        return status;
    if ((uint64_t)entry.st_size != seal->file_size)
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: has %lld bytes instead of %llu; was it copied completely? If another "
                            "program has changed it, modeseek repack --force copies what can be read",
                            path, (long long)entry.st_size, (unsigned long long)seal->file_size);
    status = checksum_content(file, path, seal, task, &content, error);
    if (status == MS_OK && content != expected)
        return ms_error_set(error, MS_ERROR_FORMAT,
                            "%s: its checksum is wrong: it is damaged, or another program has changed it "
                            "outside of the results; modeseek repack --force copies what can be read",
                            path);
    return status;
}

ms_status ms_seal_check(const char *path, bool force, ms_task *task, ms_seal *seal, ms_error *error)
{
    int file = MS_TRY(MS_FAULT_MAKE, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file < 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    ms_status status = ms_seal_check_open(file, path, force, task, seal, error);
    close(file);
    return status;
}
