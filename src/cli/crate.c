/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/crate.h"

#include "base/text.h"
#include "cli/crate_parts.h"
#include "cli/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTRIBUTORS "block-contributors.csv"

static ms_status out_of_memory(const ms_crate *c, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", c->params->path);
}

/* --- the files */

/* The name as part of a URI. */
static char *make_id(const char *name)
{
    char *id = malloc(3 * strlen(name) + 1), *at = id;
    for (; id && *name; name++) {
        unsigned char byte = (unsigned char)*name;
        bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= 'a' && byte <= 'z') || strchr("-._~", byte);
        at += is_plain ? sprintf(at, "%c", byte) : sprintf(at, "%%%02X", byte);
    }
    if (id)
        *at = '\0';
    return id;
}

/* Size and checksum of a file in the folder. */
static ms_status measure(const ms_crate *c, ms_crate_entry *e, ms_error *error)
{
    unsigned char bytes[1 << 16];
    char *path = ms_folder_file(&c->folder, e->name);
    if (!path)
        return out_of_memory(c, error);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ms_sha256 sha = ms_sha256_init();
    ssize_t got = -1;
    while (file >= 0 && !*c->folder.stop && (got = read(file, bytes, sizeof bytes)) > 0)
        ms_sha256_add(&sha, bytes, (size_t)got);
    e->size = sha.length;
    ms_sha256_text(&sha, e->sha256);
    ms_status status =
        *c->folder.stop ? ms_folder_go_on(&c->folder, error)
        : got == 0      ? MS_OK
                        : ms_error_set(error, MS_ERROR_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    free(path);
    return status;
}

/* A file that is in the folder by now. */
static ms_status add_entry(ms_crate *c, const char *name, const char *description, const char *other_name,
                           bool is_input, ms_error *error)
{
    if (c->entries == c->room) {
        size_t room = 2 * c->room + 8;
        ms_crate_entry *grown = realloc(c->entry, room * sizeof *grown);
        if (!grown)
            return out_of_memory(c, error);
        c->entry = grown;
        c->room = room;
    }
    ms_crate_entry *e = &c->entry[c->entries++];
    *e = (ms_crate_entry){.name = strdup(name),
                          .id = make_id(name),
                          .description = description,
                          .other_name = other_name,
                          .is_input = is_input};
    return e->name && e->id ? measure(c, e, error) : out_of_memory(c, error);
}

/* The results are packed into the folder; what is told of them is read from there. */
static ms_status add_results(ms_crate *c, ms_error *error)
{
    const ms_crate_params *p = c->params;
    char *path = ms_folder_file(&c->folder, MS_CRATE_ARCHIVE);
    ms_status status =
        path ? ms_results_repack(path, p->from, p->sweep, p->force, p->inputs, c->monitor, error)
             : out_of_memory(c, error);
    free(path);
    return status == MS_OK ? add_entry(c, MS_CRATE_ARCHIVE,
                                       "discovery times of all chains, with the states that a longer run "
                                       "begins from; HDF5, layout of modeseek results, format 2",
                                       NULL, false, error)
                           : status;
}

static ms_status add_sweep(ms_crate *c, ms_error *error)
{
    static const char *const others[] = {MS_CRATE_ARCHIVE, MS_CRATE_METADATA, CONTRIBUTORS, NULL};
    const ms_inputs *inputs = c->params->inputs;
    ms_status status = ms_unpack(&c->folder, c->params->sweep, inputs, others, &c->local, error);
    if (status == MS_OK)
        status = add_entry(c, MS_UNPACKED_SWEEP, "the sweep: what was computed", NULL, true, error);
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++)
        if (c->local[i].text[0])
            status = add_entry(c, c->local[i].text, "a table of numbers that the sweep names",
                               inputs->input[i].name, true, error);
    return status;
}

static ms_status copy_file(const ms_crate *c, const char *from, const char *name, ms_error *error)
{
    unsigned char bytes[1 << 16];
    char *path = ms_folder_file(&c->folder, name);
    FILE *in = fopen(from, "rb"), *out = path ? fopen(path, "wbx") : NULL;
    bool good = in && out;
    for (size_t got; good && !*c->folder.stop && (got = fread(bytes, 1, sizeof bytes, in)) > 0;)
        good = fwrite(bytes, 1, got, out) == got;
    good = good && !ferror(in) && fflush(out) == 0 && fsync(fileno(out)) == 0;
    int number = errno;
    if (in)
        fclose(in);
    if (out && fclose(out) != 0)
        good = false;
    free(path);
    return good ? ms_folder_go_on(&c->folder, error)
                : ms_error_set(error, MS_ERROR_IO, "%s: cannot be copied: %s", from,
                               number == EEXIST ? "the crate has another file of that name"
                                                : strerror(number));
}

/* Figures and the like. */
static ms_status add_others(ms_crate *c, ms_error *error)
{
    ms_status status = MS_OK;
    struct stat about;
    for (size_t i = 0; status == MS_OK && i < c->params->add_count; i++) {
        const char *path = c->params->add[i], *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        if (!*name || *name == '.' || !ms_is_printable(name) || strcmp(name, MS_CRATE_METADATA) == 0 ||
            strcmp(name, CONTRIBUTORS) == 0)
            return ms_error_set(error, MS_ERROR_USAGE, "--with %s: a file of the crate cannot have this name",
                                path);
        if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
            return ms_error_set(error, MS_ERROR_IO, "--with %s: not a regular file", path);
        status = copy_file(c, path, name, error);
        if (status == MS_OK)
            status = add_entry(c, name, "added by --with", NULL, false, error);
    }
    return status;
}

/* --- who computed the blocks */

static bool put_blocks(ms_crate *c, ms_results *results, const double *seconds, FILE *out, ms_error *error)
{
    fputs("block,point,first_chain,chains,rank,seconds,start\n", out);
    for (size_t b = 0; b < c->blocks; b++) {
        const ms_block_results *block;
        const ms_block range = ms_results_block(results, b);
        if (ms_results_read_block(results, b, &block, NULL, error) != MS_OK)
            return false;
        if (block->status == MS_BLOCK_NOT_DONE)
            continue;
        c->done++;
        fprintf(out, "%zu,%zu,%zu,%zu,%d,", b, range.point, range.first_chain, range.chains, block->rank);
        if (isfinite(seconds[b]))
            fprintf(out, "%.6g", seconds[b]);
        /* files do not tell which start it was where there were several */
        fputs(c->starts == 1 ? ",1\n" : ",\n", out);
    }
    return true;
}

static ms_status write_contributors(ms_crate *c, ms_results *results, ms_error *error)
{
    char *text = NULL;
    size_t size;
    double *seconds = calloc(c->blocks + 1, sizeof *seconds);
    FILE *out = seconds ? open_memstream(&text, &size) : NULL;
    ms_status status = out ? ms_results_block_seconds(results, seconds, error) : out_of_memory(c, error);
    if (status == MS_OK && !put_blocks(c, results, seconds, out, error))
        status = MS_ERROR_IO;
    if (out && fclose(out) != 0 && status == MS_OK)
        status = out_of_memory(c, error);
    if (status == MS_OK)
        status = ms_folder_write(&c->folder, CONTRIBUTORS, text, size, error);
    free(text);
    free(seconds);
    return status == MS_OK ? add_entry(c, CONTRIBUTORS,
                                       "finished blocks: the rank that computed each, its CPU time, "
                                       "and in which start, where there was one alone",
                                       NULL, false, error)
                           : status;
}

static ms_status read_results(ms_crate *c, ms_error *error)
{
    ms_results *results;
    bool is_merged, is_cut;
    size_t done;
    char *path = ms_folder_file(&c->folder, MS_CRATE_ARCHIVE);
    ms_status status = path ? ms_results_open(&results, path, error) : out_of_memory(c, error);
    free(path);
    if (status != MS_OK)
        return status;
    const ms_results_info *info = ms_results_get_info(results);
    c->blocks = info->blocks;
    c->name = strdup(info->name);
    status = c->name ? ms_results_starts(results, &c->start, &c->starts, &is_merged, &is_cut, error)
                     : out_of_memory(c, error);
    if (status == MS_OK)
        status = ms_digest_of_results(results, c->folder.stop, &c->digest, &done, error);
    if (status == MS_OK)
        status = write_contributors(c, results, error);
    ms_results_close(results, NULL);
    return status;
}

/* An SPDX identifier, or a URL. */
static ms_status check_license(const char *license, ms_error *error)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.+";
    bool is_url = license && (strncmp(license, "https://", 8) == 0 || strncmp(license, "http://", 7) == 0);
    bool good =
        !license || (strlen(license) < 200 && (is_url ? ms_is_printable(license) && !strpbrk(license, " \"<>")
                                                      : license[strspn(license, letters)] == '\0'));
    return good ? MS_OK
                : ms_error_set(error, MS_ERROR_USAGE,
                               "--license %s: give an SPDX identifier, such as CC-BY-4.0, or a URL", license);
}

static ms_status fill(ms_crate *c, ms_error *error)
{
    static ms_status (*const part[])(ms_crate *, ms_error *) = {add_results, add_sweep, read_results,
                                                                add_others, ms_crate_describe};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sizeof part / sizeof *part; i++)
        if ((status = ms_folder_go_on(&c->folder, error)) == MS_OK)
            status = part[i](c, error);
    return status;
}

ms_status ms_crate_make(const ms_crate_params *params, const ms_monitor *monitor, ms_error *error)
{
    ms_crate c = {.params = params, .monitor = monitor, .people = calloc(MS_PEOPLE_MAX, sizeof *c.people)};
    ms_status status = c.people ? check_license(params->license, error) : out_of_memory(&c, error);
    if (status == MS_OK)
        status = ms_people_read(params->authors, c.people, &c.people_count, error);
    if (status == MS_OK)
        status = ms_folder_begin(&c.folder, params->path, error);
    if (status == MS_OK)
        status = fill(&c, error);
    status = ms_folder_end(&c.folder, status, error);
    for (size_t i = 0; i < c.entries; i++) {
        free(c.entry[i].name);
        free(c.entry[i].id);
    }
    free(c.entry);
    free(c.people);
    free(c.start);
    free(c.local);
    free(c.name);
    return status;
}
