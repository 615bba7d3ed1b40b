/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/crate.h"

#include "base/json.h"
#include "base/sha256.h"
#include "base/text.h"
#include "cli/crate_people.h"
#include "cli/digest.h"
#include "cli/unpack.h"
#include "results/results.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define METADATA     "ro-crate-metadata.json"
#define CONTRIBUTORS "block-contributors.csv"
#define PROFILE      "https://w3id.org/ro/wfrun/process/0.5"
#define STARTS_MAX   1000 /* that are described */

/* A file of the crate. */
typedef struct entry {
    char *name, *id; /* the id is the name as a URI has it */
    char *description;
    const char *other_name; /* that the sweep has; or NULL */
    char sha256[MS_SHA256_TEXT];
    uint64_t size;
    bool is_input;
} entry;

typedef struct crate {
    const ms_crate_params *params;
    const ms_monitor *monitor;
    ms_folder folder;
    ms_local_name *local; /* [inputs] */
    entry *entry;         /* [entries] */
    size_t entries, room;
    ms_person *people; /* [people_count] */
    size_t people_count;
    char (*start)[MS_START_MAX]; /* [starts] */
    size_t starts, blocks, done;
    uint64_t digest;
    char *name; /* of the sweep */
    ms_json json;
} crate;

static ms_status out_of_memory(const crate *c, ms_error *error)
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
static ms_status measure(const crate *c, entry *e, ms_error *error)
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
static ms_status add_entry(crate *c, const char *name, const char *description, const char *other_name,
                           bool is_input, ms_error *error)
{
    if (c->entries == c->room) {
        size_t room = 2 * c->room + 8;
        entry *grown = realloc(c->entry, room * sizeof *grown);
        if (!grown)
            return out_of_memory(c, error);
        c->entry = grown;
        c->room = room;
    }
    entry *e = &c->entry[c->entries++];
    *e = (entry){.name = strdup(name),
                 .id = make_id(name),
                 .description = strdup(description),
                 .other_name = other_name,
                 .is_input = is_input};
    return e->name && e->id && e->description ? measure(c, e, error) : out_of_memory(c, error);
}

/* The results are packed into the folder; what is told of them is read from there. */
static ms_status add_results(crate *c, ms_error *error)
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

static ms_status add_sweep(crate *c, ms_error *error)
{
    const ms_inputs *inputs = c->params->inputs;
    ms_status status = ms_unpack(&c->folder, c->params->sweep, inputs, &c->local, error);
    if (status == MS_OK)
        status = add_entry(c, MS_UNPACKED_SWEEP, "the sweep: what was computed", NULL, true, error);
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++)
        if (c->local[i].text[0])
            status = add_entry(c, c->local[i].text, "a table of numbers that the sweep names",
                               inputs->input[i].name, true, error);
    return status;
}

static ms_status copy_file(const crate *c, const char *from, const char *name, ms_error *error)
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
static ms_status add_others(crate *c, ms_error *error)
{
    ms_status status = MS_OK;
    struct stat about;
    for (size_t i = 0; status == MS_OK && i < c->params->add_count; i++) {
        const char *path = c->params->add[i], *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        if (!*name || *name == '.' || !ms_is_printable(name) || strcmp(name, METADATA) == 0 ||
            strcmp(name, CONTRIBUTORS) == 0)
            return ms_error_set(error, MS_ERROR_USAGE, "--with %s: no name for a file of the crate", path);
        if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
            return ms_error_set(error, MS_ERROR_IO, "--with %s: not a regular file", path);
        status = copy_file(c, path, name, error);
        if (status == MS_OK)
            status = add_entry(c, name, "added by --with", NULL, false, error);
    }
    return status;
}

/* --- who computed the blocks */

static bool put_blocks(crate *c, ms_results *results, const double *seconds, FILE *out, ms_error *error)
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

static ms_status write_contributors(crate *c, ms_results *results, ms_error *error)
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
                                       "finished blocks: the rank that computed each, its processor time, "
                                       "and in which start, where there was one alone",
                                       NULL, false, error)
                           : status;
}

static ms_status read_results(crate *c, ms_error *error)
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

/* --- the metadata */

static void begin(crate *c, const char *id, const char *type)
{
    ms_json_line(&c->json, 4);
    ms_json_open(&c->json, NULL, '{');
    ms_json_text(&c->json, "@id", id);
    ms_json_text(&c->json, "@type", type);
}

static void end(crate *c)
{
    ms_json_close(&c->json, '}');
}

static void put_reference(crate *c, const char *key, const char *id)
{
    ms_json_open(&c->json, key, '{');
    ms_json_text(&c->json, "@id", id);
    ms_json_close(&c->json, '}');
}

static void put_people(crate *c, const char *key)
{
    if (c->people_count == 0)
        return;
    ms_json_open(&c->json, key, '[');
    for (size_t i = 0; i < c->people_count; i++)
        put_reference(c, NULL, c->people[i].id);
    ms_json_close(&c->json, ']');
}

static void put_time(crate *c, const char *key, time_t when, const char *format)
{
    char text[32];
    struct tm utc;
    if (gmtime_r(&when, &utc) && strftime(text, sizeof text, format, &utc) > 0)
        ms_json_text(&c->json, key, text);
}

static size_t described(const crate *c)
{
    return c->starts < STARTS_MAX ? c->starts : STARTS_MAX;
}

typedef char id[96];

static void start_id(size_t start, const char *what, id text)
{
    snprintf(text, sizeof(id), "#start-%zu%s%s", start + 1, *what ? "-" : "", what);
}

static void license_id(const char *license, char *text, size_t size)
{
    snprintf(text, size, "%s%s", strstr(license, "://") ? "" : "https://spdx.org/licenses/", license);
}

static void put_root(crate *c)
{
    char license[300], description[500];
    id action;
    snprintf(
        description, sizeof description,
        "Times that chains of the sweep %.127s take to find the modes of a distribution: %zu of %zu blocks "
        "are finished. Computed by modeseek in %zu start%s%s; `modeseek digest` of the results is "
        "%016" PRIx64 ".",
        c->name, c->done, c->blocks, c->starts, c->starts == 1 ? "" : "s",
        c->starts > STARTS_MAX ? ", of which the first thousand are described" : "", c->digest);
    begin(c, "./", "Dataset");
    put_reference(c, "conformsTo", PROFILE);
    ms_json_text(&c->json, "name", c->name);
    ms_json_text(&c->json, "description", description);
    put_time(c, "datePublished", time(NULL), "%Y-%m-%d");
    if (c->params->license) {
        license_id(c->params->license, license, sizeof license);
        put_reference(c, "license", license);
    }
    put_people(c, "author");
    ms_json_open(&c->json, "hasPart", '[');
    for (size_t i = 0; i < c->entries; i++)
        put_reference(c, NULL, c->entry[i].id);
    ms_json_close(&c->json, ']');
    ms_json_open(&c->json, "mentions", '[');
    for (size_t i = 0; i < described(c); i++) {
        start_id(i, "", action);
        put_reference(c, NULL, action);
    }
    ms_json_close(&c->json, ']');
    end(c);
}

static const char *format_of(const char *name)
{
    static const char *const known[][2] = {
        {".h5", "application/x-hdf5"}, {".hdf5", "application/x-hdf5"}, {".yaml", "application/yaml"},
        {".csv", "text/csv"},          {".txt", "text/plain"},          {".png", "image/png"},
        {".svg", "image/svg+xml"},     {".pdf", "application/pdf"},     {".html", "text/html"},
        {".json", "application/json"}, {".md", "text/markdown"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
        if (strcmp(dot, known[i][0]) == 0)
            return known[i][1];
    return "application/octet-stream";
}

static void put_files(crate *c)
{
    char number[24];
    for (size_t i = 0; i < c->entries; i++) {
        const entry *e = &c->entry[i];
        begin(c, e->id, "File");
        ms_json_text(&c->json, "name", e->name);
        if (e->other_name && strcmp(e->other_name, e->name) != 0)
            ms_json_text(&c->json, "alternateName", e->other_name);
        ms_json_text(&c->json, "description", e->description);
        ms_json_text(&c->json, "encodingFormat", format_of(e->name));
        snprintf(number, sizeof number, "%" PRIu64, e->size);
        ms_json_text(&c->json, "contentSize", number);
        ms_json_text(&c->json, "sha256", e->sha256);
        end(c);
    }
}

/* Plugins and their data, and what was not found: known by name, maybe by checksum. */
static void put_absent(crate *c)
{
    const ms_inputs *inputs = c->params->inputs;
    id text;
    for (size_t i = 0; i < inputs->count; i++) {
        if (inputs->input[i].bytes)
            continue;
        snprintf(text, sizeof text, "#input-%zu", i + 1);
        begin(c, text, "CreativeWork");
        ms_json_text(&c->json, "name", inputs->input[i].name);
        ms_json_text(&c->json, "description", "a file that the sweep names, which is not in the crate");
        if (inputs->input[i].sha256[0])
            ms_json_text(&c->json, "sha256", inputs->input[i].sha256);
        end(c);
    }
}

static void application_id(const char *version, id text)
{
    snprintf(text, sizeof(id), "#modeseek-%.60s", version);
}

static void version_of(const crate *c, size_t start, char version[64])
{
    if (!ms_json_field(c->start[start], "version", version, 64) || !version[0] || strpbrk(version, " \"<>%"))
        snprintf(version, 64, "unknown");
}

/* One for each version that has computed something. */
static void put_applications(crate *c)
{
    char version[64], other[64];
    id text;
    for (size_t i = 0; i < described(c); i++) {
        bool is_known = false;
        version_of(c, i, version);
        for (size_t k = 0; k < i && !is_known; k++) {
            version_of(c, k, other);
            is_known = strcmp(version, other) == 0;
        }
        if (is_known)
            continue;
        application_id(version, text);
        begin(c, text, "SoftwareApplication");
        ms_json_text(&c->json, "name", "modeseek");
        ms_json_text(&c->json, "softwareVersion", version);
        ms_json_text(&c->json, "description",
                     "measures how long samplers take to find the modes of a distribution");
        put_reference(c, "license", "https://spdx.org/licenses/GPL-3.0-or-later");
        end(c);
    }
}

/* What is told of a start: key in its JSON object, and its name in the crate. */
static const char *const told[] = {"host",
                                   "ranks",
                                   "git_commit",
                                   "slurm_job_id",
                                   "slurm_job_partition",
                                   "slurm_cluster_name",
                                   "slurm_array_task_id",
                                   "slurm_job_nodelist"};
#define TOLD (sizeof told / sizeof *told)

static bool find_told(const crate *c, size_t start, size_t k, char value[256])
{
    return ms_json_field(c->start[start], told[k], value, 256) && value[0];
}

static void put_action(crate *c, size_t start)
{
    char value[256], version[64];
    id text;
    start_id(start, "", text);
    begin(c, text, "CreateAction");
    snprintf(value, sizeof value, "start %zu of modeseek run", start + 1);
    ms_json_text(&c->json, "name", value);
    if (c->starts == 1)
        snprintf(value, sizeof value, "modeseek run " MS_UNPACKED_SWEEP ": %zu blocks", c->done);
    else
        snprintf(value, sizeof value, "modeseek run " MS_UNPACKED_SWEEP ": some of the %zu blocks", c->done);
    ms_json_text(&c->json, "description", value);
    if (ms_json_field(c->start[start], "time", value, sizeof value) && value[0])
        ms_json_text(&c->json, "startTime", value);
    if (start + 1 == c->starts && c->params->end > 0)
        put_time(c, "endTime", c->params->end, "%Y-%m-%dT%H:%M:%SZ");
    version_of(c, start, version);
    application_id(version, text);
    put_reference(c, "instrument", text);
    put_people(c, "agent");
    ms_json_open(&c->json, "object", '[');
    for (size_t i = 0; i < c->entries; i++)
        if (c->entry[i].is_input)
            put_reference(c, NULL, c->entry[i].id);
    for (size_t i = 0; i < c->params->inputs->count; i++)
        if (!c->params->inputs->input[i].bytes) {
            snprintf(text, sizeof text, "#input-%zu", i + 1);
            put_reference(c, NULL, text);
        }
    ms_json_close(&c->json, ']');
    put_reference(c, "result", MS_CRATE_ARCHIVE);
    ms_json_open(&c->json, "additionalProperty", '[');
    for (size_t k = 0; k < TOLD; k++)
        if (find_told(c, start, k, value)) {
            start_id(start, told[k], text);
            put_reference(c, NULL, text);
        }
    ms_json_close(&c->json, ']');
    end(c);
    for (size_t k = 0; k < TOLD; k++)
        if (find_told(c, start, k, value)) {
            start_id(start, told[k], text);
            begin(c, text, "PropertyValue");
            ms_json_text(&c->json, "name", told[k]);
            ms_json_text(&c->json, "value", value);
            end(c);
        }
}

static void put_license(crate *c, const char *license)
{
    char text[300];
    license_id(license, text, sizeof text);
    begin(c, text, "CreativeWork");
    ms_json_text(&c->json, "name", license);
    end(c);
}

static void put_all(crate *c)
{
    const char *license = c->params->license;
    ms_json_open(&c->json, NULL, '{');
    ms_json_line(&c->json, 2);
    ms_json_open(&c->json, "@context", '[');
    ms_json_text(&c->json, NULL, "https://w3id.org/ro/crate/1.1/context");
    ms_json_text(&c->json, NULL, "https://w3id.org/ro/terms/workflow-run/context");
    ms_json_close(&c->json, ']');
    ms_json_line(&c->json, 2);
    ms_json_open(&c->json, "@graph", '[');
    begin(c, METADATA, "CreativeWork");
    put_reference(c, "conformsTo", "https://w3id.org/ro/crate/1.1");
    put_reference(c, "about", "./");
    end(c);
    put_root(c);
    begin(c, PROFILE, "CreativeWork");
    ms_json_text(&c->json, "name", "Process Run Crate");
    ms_json_text(&c->json, "version", "0.5");
    end(c);
    put_files(c);
    put_absent(c);
    put_applications(c);
    for (size_t i = 0; i < described(c); i++)
        put_action(c, i);
    for (size_t i = 0; i < c->people_count; i++) {
        begin(c, c->people[i].id, "Person");
        ms_json_text(&c->json, "name", c->people[i].name);
        end(c);
    }
    put_license(c, "GPL-3.0-or-later");
    if (license && strcmp(license, "GPL-3.0-or-later") != 0)
        put_license(c, license);
    ms_json_line(&c->json, 2);
    ms_json_close(&c->json, ']');
    ms_json_line(&c->json, 0);
    ms_json_close(&c->json, '}');
    fputc('\n', c->json.out);
}

static ms_status write_metadata(crate *c, ms_error *error)
{
    char *text = NULL;
    size_t size;
    c->json = (ms_json){.out = open_memstream(&text, &size)};
    if (!c->json.out)
        return out_of_memory(c, error);
    put_all(c);
    bool good = !ferror(c->json.out);
    good = fclose(c->json.out) == 0 && good;
    ms_status status =
        good ? ms_folder_write(&c->folder, METADATA, text, size, error) : out_of_memory(c, error);
    free(text);
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

static ms_status fill(crate *c, ms_error *error)
{
    static ms_status (*const part[])(crate *, ms_error *) = {add_results, add_sweep, read_results, add_others,
                                                             write_metadata};
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sizeof part / sizeof *part; i++)
        if ((status = ms_folder_go_on(&c->folder, error)) == MS_OK)
            status = part[i](c, error);
    return status;
}

ms_status ms_crate_make(const ms_crate_params *params, const ms_monitor *monitor, ms_error *error)
{
    crate c = {.params = params, .monitor = monitor, .people = calloc(MS_PEOPLE_MAX, sizeof *c.people)};
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
        free(c.entry[i].description);
    }
    free(c.entry);
    free(c.people);
    free(c.start);
    free(c.local);
    free(c.name);
    return status;
}
