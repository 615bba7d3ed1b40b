/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "cli/inputs.h"

#include "base/sha256.h"
#include "base/text.h"
#include "cli/report.h"
#include "data/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static ms_status write_all(int descriptor, const ms_input *input, ms_error *error)
{
    for (uint64_t done = 0; done < input->size;) {
        ssize_t got = write(descriptor, input->bytes + done, (size_t)(input->size - done));
        if (got <= 0)
            return ms_error_set(error, MS_ERROR_IO, "%s: cannot be held in memory: %s", input->name,
                                strerror(errno));
        done += (uint64_t)got;
    }
    return MS_OK;
}

ms_status ms_stand_ins_open(ms_stand_ins *ins, const ms_inputs *inputs, ms_error *error)
{
    size_t room = inputs->count + 1;
    *ins = (ms_stand_ins){.inputs = inputs,
                          .file = calloc(room, sizeof *ins->file),
                          .path = calloc(room, sizeof *ins->path),
                          .descriptor = calloc(room, sizeof *ins->descriptor)};
    ins->supply.file = ins->file;
    if (!ins->file || !ins->path || !ins->descriptor)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for %zu files", inputs->count);
    for (size_t i = 0; i < inputs->count; i++) {
        if (!inputs->input[i].bytes)
            continue;
        int descriptor = memfd_create("input", MFD_CLOEXEC);
        if (descriptor < 0)
            return ms_error_set(error, MS_ERROR_IO, "%s: cannot be held in memory: %s",
                                inputs->input[i].name, strerror(errno));
        size_t at = ins->supply.count++;
        ins->descriptor[at] = descriptor;
        snprintf(ins->path[at], sizeof ins->path[at], "/proc/%ld/fd/%d", (long)getpid(), descriptor);
        ins->file[at] = (ms_supplied){.name = inputs->input[i].name, .path = ins->path[at]};
        ms_status status = write_all(descriptor, &inputs->input[i], error);
        if (status != MS_OK)
            return status;
    }
    return MS_OK;
}

void ms_stand_ins_close(ms_stand_ins *ins)
{
    for (size_t i = 0; i < ins->supply.count; i++)
        close(ins->descriptor[i]);
    free(ins->file);
    free(ins->path);
    free(ins->descriptor);
    *ins = (ms_stand_ins){0};
}

static bool names_tables(const ms_sweep *sweep)
{
    for (size_t i = 0; i < sweep->named.count; i++)
        if (ms_input_is_table(&sweep->named.input[i]))
            return true;
    return false;
}

/* The sweep with the numbers in its files takes the place of the one without, if there are all of them. */
static ms_status read_tables(ms_sweep **sweep, const ms_results_info *info, const ms_supply *supply,
                             ms_error *why, ms_error *error)
{
    char difference[300];
    ms_sweep *whole;
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    if (!diagnostics)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory for the sweep of %s", info->path);
    ms_status status = ms_sweep_parse_supplied(&whole, info->path, info->sweep_yaml, strlen(info->sweep_yaml),
                                               true, supply, diagnostics);
    if (status != MS_OK)
        ms_error_set(why, status, "%s", diagnostics->message[0]);
    free(diagnostics);
    if (status != MS_OK)
        return status == MS_ERROR_MEMORY ? ms_error_set(error, status, "%s", why->message) : MS_OK;
    if (ms_sweep_differs(info->identity, whole->identity, difference, sizeof difference)) {
        ms_error_set(why, MS_ERROR_MISMATCH, "its files are of another sweep (%s)", difference);
        ms_sweep_free(whole);
        return MS_OK;
    }
    ms_sweep_free(*sweep);
    *sweep = whole;
    return MS_OK;
}

ms_status ms_sweep_with_files(ms_sweep **sweep, ms_results *results, const char *path, ms_inputs *inputs,
                              ms_error *why, ms_error *error)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_stand_ins ins = {0};
    *why = (ms_error){0};
    *sweep = NULL;
    ms_status status = ms_results_inputs(results, inputs, error);
    if (status == MS_OK)
        status = ms_sweep_of_results(sweep, info, path, error);
    if (status == MS_OK && !path && names_tables(*sweep)) {
        status = ms_stand_ins_open(&ins, inputs, error);
        if (status == MS_OK)
            status = read_tables(sweep, info, &ins.supply, why, error);
        ms_stand_ins_close(&ins);
    }
    if (status != MS_OK) {
        ms_sweep_free(*sweep);
        *sweep = NULL;
    }
    return status;
}

/* Reads a file that the sweep names; of code and its data only the checksum is kept. */
static void read_input(const ms_input_named *named, ms_input *input)
{
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    char *text;
    size_t length;
    if (!diagnostics)
        return;
    if (ms_file_read(named->path, MS_INPUTS_BYTES_MAX, &text, &length, diagnostics) == MS_OK) {
        ms_sha256 sha = ms_sha256_init();
        ms_sha256_add(&sha, text, length);
        ms_sha256_text(&sha, input->sha256);
        input->size = length;
        if (ms_input_is_table(named))
            input->bytes = (unsigned char *)text;
        else
            free(text);
    }
    free(diagnostics);
}

ms_status ms_inputs_collect(ms_inputs *inputs, const ms_sweep *sweep, bool is_of_file, ms_error *error)
{
    ms_status status = MS_OK;
    for (size_t i = 0; status == MS_OK && i < sweep->named.count; i++) {
        const ms_input_named *named = &sweep->named.input[i];
        ms_input input = {0};
        bool left_out = false, is_long = strlen(named->name) >= sizeof input.name;
        if (ms_inputs_find(inputs, named->name))
            continue;
        snprintf(input.name, sizeof input.name, "%s", named->name);
        snprintf(input.key, sizeof input.key, "%s", named->key);
        if (!is_long && (is_of_file || (ms_input_is_table(named) && !sweep->lacks_numbers)))
            read_input(named, &input);
        bool is_missing = ms_input_is_table(named) && !input.bytes;
        if (!is_long)
            status = ms_inputs_add(inputs, &input, &left_out, error);
        if (status == MS_OK && (is_missing || is_long || left_out))
            fprintf(stderr, "warning: %s, which the sweep names, is not taken along: %s\n",
                    ms_printable_copy(named->name).text,
                    is_long    ? "its name is too long"
                    : left_out ? "that would be more than 512 MiB"
                               : "it is not beside the results, or another file; --sweep names the sweep "
                                 "file, beside which it is");
    }
    return status;
}
