/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/unpack.h"

#include "base/text.h"
#include "cli/inputs.h"
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* What is in the folder. */
typedef struct content {
    const ms_sweep *sweep;
    const char *const *others; /* NULL-terminated */
    ms_local_name *names;      /* [count] */
    size_t count;
} content;

/* Also by a plugin, or its data: what comes with results is not to be loaded in its place. */
static bool is_taken(const content *c, const char *text)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->names[i].text, text) == 0)
            return true;
    for (const char *const *other = c->others; *other; other++)
        if (strcmp(*other, text) == 0)
            return true;
    for (size_t i = 0; i < c->sweep->named.count; i++) {
        const ms_input_named *named = &c->sweep->named.input[i];
        if (!ms_input_is_table(named) && strcasecmp(last_part(named->name), text) == 0)
            return true;
    }
    return strcmp(text, MS_UNPACKED_SWEEP) == 0;
}

/* The last part of the name, which may come from anybody: no way out of the folder, nothing hidden, nothing
 * that a command takes for an option. */
static void find_name(content *c, const char *name)
{
    const char *last = last_part(name);
    char *text = c->names[c->count].text;
    if (last[0] == '\0' || last[0] == '.' || last[0] == '-' || !ms_is_printable(last))
        last = "input";
    snprintf(text, sizeof c->names->text, "%s", last);
    for (unsigned number = 2; is_taken(c, text); number++)
        snprintf(text, sizeof c->names->text, "%u-%s", number, last);
}

/* A scalar of YAML in quotes. */
static void write_quoted(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
    }
    putc('"', out);
}

static void write_text(FILE *out, const ms_sweep *sweep, const ms_inputs *inputs, const ms_local_name *names)
{
    size_t at = 0;
    for (size_t i = 0; i < sweep->named.count; i++) {
        const ms_input_named *named = &sweep->named.input[i];
        const ms_input *input = ms_inputs_find(inputs, named->name);
        const char *name = input ? names[input - inputs->input].text : "";
        if (name[0] == '\0' || strcmp(name, named->name) == 0)
            continue;
        fwrite(sweep->text + at, 1, named->begin - at, out);
        write_quoted(out, name);
        at = named->end;
    }
    fwrite(sweep->text + at, 1, sweep->text_length - at, out);
}

static ms_status write_sweep(const ms_folder *folder, const ms_sweep *sweep, const ms_inputs *inputs,
                             const ms_local_name *names, ms_error *error)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool good = out != NULL;
    if (out) {
        write_text(out, sweep, inputs, names);
        good = !ferror(out);
        good = fclose(out) == 0 && good;
    }
    ms_status status = good ? ms_folder_write(folder, MS_UNPACKED_SWEEP, text, size, error)
                            : ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep");
    free(text);
    return status;
}

ms_status ms_unpack(const ms_folder *folder, const ms_sweep *sweep, const ms_inputs *inputs,
                    const char *const *others, ms_local_name **names, ms_error *error)
{
    *names = calloc(inputs->count + 1, sizeof **names);
    if (!*names)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu files", inputs->count);
    content c = {.sweep = sweep, .others = others, .names = *names};
    for (; c.count < inputs->count; c.count++)
        if (inputs->input[c.count].bytes)
            find_name(&c, inputs->input[c.count].name);
    ms_status status = write_sweep(folder, sweep, inputs, *names, error);
    for (size_t i = 0; status == MS_OK && i < inputs->count; i++)
        if (inputs->input[i].bytes)
            status = ms_folder_write(folder, (*names)[i].text, inputs->input[i].bytes,
                                     (size_t)inputs->input[i].size, error);
    return status;
}

/* What the sweep names and is not there. */
static void print_missing(const ms_sweep *sweep, const ms_inputs *inputs)
{
    for (size_t i = 0; i < sweep->named.count; i++) {
        const ms_input_named *named = &sweep->named.input[i];
        const ms_input *input = ms_inputs_find(inputs, named->name);
        if (input && input->bytes)
            continue;
        fprintf(stderr, "warning: %s, which the sweep names, is not in the results",
                ms_printable_copy(named->name).text);
        if (input && input->sha256[0])
            fprintf(stderr, "; it has %llu bytes, SHA-256 %.64s", (unsigned long long)input->size,
                    ms_printable_copy(input->sha256).text);
        fprintf(stderr, "\n");
    }
}

ms_status ms_export_sweep(ms_results *results, const char *path, ms_error *error)
{
    static const char *const no_others[] = {NULL};
    const ms_results_info *info = ms_results_get_info(results);
    ms_sweep *sweep;
    ms_inputs inputs = {0};
    ms_folder folder = {0};
    ms_local_name *names = NULL;
    size_t count = 0;
    if (!path)
        return fputs(info->sweep_yaml, stdout) >= 0 ? MS_OK : ms_output_flush(error);
    ms_status status = ms_sweep_of_results(&sweep, info, NULL, error);
    if (status == MS_OK)
        status = ms_results_inputs(results, &inputs, error);
    if (status == MS_OK)
        ms_inputs_keep_tables(&inputs, sweep);
    if (status == MS_OK)
        status = ms_folder_begin(&folder, path, error);
    if (status == MS_OK)
        status = ms_unpack(&folder, sweep, &inputs, no_others, &names, error);
    status = ms_folder_end(&folder, status, error);
    if (status == MS_OK) {
        print_missing(sweep, &inputs);
        for (size_t i = 0; i < inputs.count; i++)
            count += inputs.input[i].bytes != NULL;
        printf("%s: " MS_UNPACKED_SWEEP " and %zu file%s that it names\n", ms_printable_copy(path).text,
               count, count == 1 ? "" : "s");
    }
    free(names);
    ms_inputs_free(&inputs);
    ms_sweep_free(sweep);
    return status;
}
