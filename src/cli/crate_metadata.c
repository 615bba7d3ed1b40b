/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata of a crate: a flat graph of what is in it, in JSON-LD. */
#include "base/text.h"
#include "cli/crate_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROFILE    "https://w3id.org/ro/wfrun/process/0.5"
#define STARTS_MAX 1000 /* that are described */

static void begin(ms_crate *c, const char *id, const char *type)
{
    ms_json_line(&c->json, 4);
    ms_json_open(&c->json, NULL, '{');
    ms_json_text(&c->json, "@id", id);
    ms_json_text(&c->json, "@type", type);
}

static void end(ms_crate *c)
{
    ms_json_close(&c->json, '}');
}

static void put_reference(ms_crate *c, const char *key, const char *id)
{
    ms_json_open(&c->json, key, '{');
    ms_json_text(&c->json, "@id", id);
    ms_json_close(&c->json, '}');
}

static void put_people(ms_crate *c, const char *key)
{
    if (c->people_count == 0)
        return;
    ms_json_open(&c->json, key, '[');
    for (size_t i = 0; i < c->people_count; i++)
        put_reference(c, NULL, c->people[i].id);
    ms_json_close(&c->json, ']');
}

static void put_time(ms_crate *c, const char *key, time_t when, const char *format)
{
    char text[32];
    struct tm utc;
    if (gmtime_r(&when, &utc) && strftime(text, sizeof text, format, &utc) > 0)
        ms_json_text(&c->json, key, text);
}

static size_t described(const ms_crate *c)
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

static void put_root(ms_crate *c)
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

static void put_files(ms_crate *c)
{
    char number[24];
    for (size_t i = 0; i < c->entries; i++) {
        const ms_crate_entry *e = &c->entry[i];
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
static void put_absent(ms_crate *c)
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

static void version_of(const ms_crate *c, size_t start, char version[64])
{
    if (!ms_json_field(c->start[start], "version", version, 64) || !version[0] || strpbrk(version, " \"<>%"))
        snprintf(version, 64, "unknown");
}

/* One for each version that has computed something. */
static void put_applications(ms_crate *c)
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

static bool find_told(const ms_crate *c, size_t start, size_t k, char value[256])
{
    return ms_json_field(c->start[start], told[k], value, 256) && value[0];
}

/* What a start has read: the sweep, and the files that it names. */
static void put_objects(ms_crate *c)
{
    id text;
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
}

static void put_properties(ms_crate *c, size_t start)
{
    char value[256];
    id text;
    for (size_t k = 0; k < TOLD; k++)
        if (find_told(c, start, k, value)) {
            start_id(start, told[k], text);
            begin(c, text, "PropertyValue");
            ms_json_text(&c->json, "name", told[k]);
            ms_json_text(&c->json, "value", value);
            end(c);
        }
}

static void put_action(ms_crate *c, size_t start)
{
    char value[256], version[64];
    id text;
    start_id(start, "", text);
    begin(c, text, "CreateAction");
    snprintf(value, sizeof value, "start %zu of modeseek run", start + 1);
    ms_json_text(&c->json, "name", value);
    snprintf(value, sizeof value, "modeseek run " MS_UNPACKED_SWEEP ": %s%zu blocks",
             c->starts == 1 ? "" : "some of the ", c->done);
    ms_json_text(&c->json, "description", value);
    if (ms_json_field(c->start[start], "time", value, sizeof value) && value[0])
        ms_json_text(&c->json, "startTime", value);
    if (start + 1 == c->starts && c->params->end > 0)
        put_time(c, "endTime", c->params->end, "%Y-%m-%dT%H:%M:%SZ");
    version_of(c, start, version);
    application_id(version, text);
    put_reference(c, "instrument", text);
    put_people(c, "agent");
    put_objects(c);
    put_reference(c, "result", MS_CRATE_ARCHIVE);
    ms_json_open(&c->json, "additionalProperty", '[');
    for (size_t k = 0; k < TOLD; k++)
        if (find_told(c, start, k, value)) {
            start_id(start, told[k], text);
            put_reference(c, NULL, text);
        }
    ms_json_close(&c->json, ']');
    end(c);
    put_properties(c, start);
}

static void put_license(ms_crate *c, const char *license)
{
    char text[300];
    license_id(license, text, sizeof text);
    begin(c, text, "CreativeWork");
    ms_json_text(&c->json, "name", license);
    end(c);
}

static void put_all(ms_crate *c)
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
    begin(c, MS_CRATE_METADATA, "CreativeWork");
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

ms_status ms_crate_describe(ms_crate *c, ms_error *error)
{
    char *text = NULL;
    size_t size;
    c->json = (ms_json){.out = open_memstream(&text, &size)};
    if (!c->json.out)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", c->params->path);
    put_all(c);
    bool good = !ferror(c->json.out);
    good = fclose(c->json.out) == 0 && good;
    ms_status status = good ? ms_folder_write(&c->folder, MS_CRATE_METADATA, text, size, error)
                            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %s", c->params->path);
    free(text);
    return status;
}
