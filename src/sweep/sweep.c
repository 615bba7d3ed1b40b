/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a file to a sweep. */
#include "sweep/sweep.h"

#include "data/file.h"
#include "sweep/additions.h"
#include "sweep/assign.h"
#include "sweep/data.h"
#include "sweep/draft.h"
#include "sweep/items.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void free_draft(ms_draft *draft)
{
    ms_sweep *sweep = &draft->sweep;
    ms_fields_free(&ms_sweep_schema, draft);
    free(draft->settings.mode_of);
    for (size_t v = 0; v < sweep->variants; v++) {
        ms_draft of_variant = {.settings = sweep->variant[v]};
        ms_fields_free(&ms_sweep_schema, &of_variant);
        free(sweep->variant[v].mode_of);
    }
    for (size_t i = 0; i < MS_AXES_KNOWN; i++)
        ms_axis_free(&sweep->axis[i]);
    for (size_t i = 0; i < sweep->further_axes; i++)
        ms_axis_free(&sweep->further[i]);
    free(sweep->further);
    free(sweep->variant);
    free(sweep->positions);
    ms_known_data_free(sweep->data);
    ms_inputs_named_free(&sweep->named);
    free(sweep->text);
    free(sweep->snapshots);
    free(sweep->points);
    free(sweep->validity);
    free(sweep->identity);
}

void ms_sweep_free(ms_sweep *sweep)
{
    if (!sweep)
        return;
    ms_draft draft = {.sweep = *sweep};
    free_draft(&draft);
    free(sweep);
}

static ms_status take_snapshots(ms_draft *draft)
{
    ms_sweep *sweep = &draft->sweep;
    sweep->snapshots = calloc(draft->snapshots.count + 1, sizeof *sweep->snapshots);
    if (!sweep->snapshots)
        return MS_ERROR_MEMORY;
    sweep->snapshot_count = draft->snapshots.count;
    for (size_t i = 0; i < sweep->snapshot_count; i++)
        sweep->snapshots[i] = draft->snapshots.value[i].whole;
    return MS_OK;
}

/* Messages about the grid come behind those about the sections, though it is read before them. */
static void append_messages(ms_diagnostics *to, const ms_diagnostics *from)
{
    for (size_t i = 0; i < from->count; i++, to->count++)
        if (i < MS_DIAGNOSTICS_MAX && to->count < MS_DIAGNOSTICS_MAX)
            memcpy(to->message[to->count], from->message[i], sizeof *from->message);
}

/* Where the value of `grid` stands in the text: marks count characters, not bytes. */
static void note_grid(ms_sweep *sweep, size_t first, const ms_node *root)
{
    const ms_node *grid = ms_node_get(root, "grid");
    size_t characters = 0;
    for (size_t i = first; grid && i <= sweep->text_length; i++) {
        if (((unsigned char)sweep->text[i] & 0xC0) == 0x80) /* goes on a character */
            continue;
        if (characters == grid->begin)
            sweep->grid_begin = i;
        if (characters == grid->end)
            sweep->grid_end = i;
        characters++;
    }
}

/* Fills the draft from the document. */
static void read_document(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    ms_diagnostics *all = reader->diagnostics, of_grid = {0};
    reader->diagnostics = &of_grid;
    ms_read_grid(reader, root, draft);
    reader->diagnostics = all;
    ms_draft_variants(reader, draft, root);
    append_messages(all, &of_grid);
    if (!reader->out_of_memory)
        ms_draft_points(reader, draft, root);
}

/* What a text is: read from a user's file, or kept by results; and what is to be added to it. */
typedef struct source {
    const char *name, *text;
    size_t length;
    bool is_kept, skips_tables;
    const ms_supply *supply;
    const ms_assigned *assigned; /* what its places are; NULL: as they are */
    ms_additions additions;
    ms_read_table *tables; /* that it names, as they were read */
    ms_known_data *data;   /* the same of data sets */
} source;

static ms_status make_sweep(ms_draft *draft, source *s, const ms_node *root, ms_diagnostics *diagnostics)
{
    ms_reader reader = {.where = s->name,
                        .diagnostics = diagnostics,
                        .is_kept = s->is_kept,
                        .skips_tables = s->skips_tables,
                        .supply = s->supply,
                        .named = &draft->sweep.named,
                        .additions = &s->additions,
                        .data = s->data,
                        .tables = s->tables};
    read_document(&reader, draft, root);
    s->tables = reader.tables;
    s->data = reader.data;
    draft->sweep.lacks_numbers = reader.lacks_numbers;
    draft->sweep.lacks_files |= reader.lacks_numbers;
    ms_status status = reader.out_of_memory     ? MS_ERROR_MEMORY
                       : diagnostics->count > 0 ? MS_ERROR_SWEEP
                                                : take_snapshots(draft);
    if (status == MS_OK) {
        ms_draft_estimators(&reader, draft, root);
        status = reader.out_of_memory ? MS_ERROR_MEMORY : diagnostics->count > 0 ? MS_ERROR_SWEEP : MS_OK;
    }
    if (status == MS_OK) {
        ms_draft_check_size(&reader, draft, root);
        ms_draft_check_engines(&reader, draft, root);
        status = reader.out_of_memory     ? MS_ERROR_MEMORY
                 : diagnostics->count > 0 ? MS_ERROR_SWEEP
                                          : ms_draft_identity(draft);
    }
    ms_node_free(reader.kept);
    return status;
}

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* Bytes before the document. */
static size_t skipped(const source *s)
{
    size_t length = strlen(BYTE_ORDER_MARK);
    return s->length >= length && memcmp(s->text, BYTE_ORDER_MARK, length) == 0 ? length : 0;
}

static ms_status check_text(const source *s, ms_diagnostics *diagnostics)
{
    if (s->length > MS_SWEEP_FILE_MAX) {
        ms_diagnostics_add(diagnostics, s->name, 0, 0,
                           "larger than %u bytes, the limit; is it the right file?", MS_SWEEP_FILE_MAX);
        return MS_ERROR_SWEEP;
    }
    return ms_file_check_text(s->name, s->text, s->length, diagnostics);
}

static ms_status parse_text(ms_draft *draft, source *s, ms_diagnostics *diagnostics)
{
    size_t first = skipped(s);
    ms_status status = check_text(s, diagnostics);
    if (status != MS_OK)
        return status;
    draft->sweep.text = malloc(s->length + 1);
    if (!draft->sweep.text)
        return MS_ERROR_MEMORY;
    memcpy(draft->sweep.text, s->text, s->length);
    draft->sweep.text[s->length] = '\0';
    draft->sweep.text_length = s->length;

    ms_node *root;
    status = ms_node_parse(&root, s->name, draft->sweep.text + first, s->length - first, diagnostics);
    if (status == MS_OK && s->assigned && !ms_assigned_places(s->assigned, root))
        status = MS_ERROR_INTERNAL; /* it has been looked at before */
    if (status == MS_OK)
        status = make_sweep(draft, s, root, diagnostics);
    if (status == MS_OK) {
        note_grid(&draft->sweep, first, root);
        ms_inputs_named_place(&draft->sweep.named, draft->sweep.text, draft->sweep.text_length, first);
    }
    ms_node_free(root);
    return status;
}

/* A sweep from a text; what has been found for the text is in source.additions then. */
static ms_status parse_once(ms_sweep **sweep, source *s, ms_diagnostics *diagnostics)
{
    ms_draft draft = {0};
    ms_status status = parse_text(&draft, s, diagnostics);
    ms_sweep *result = status == MS_OK ? malloc(sizeof *result) : NULL;
    if (status == MS_OK && !result)
        status = MS_ERROR_MEMORY;
    if (status == MS_OK) {
        *result = draft.sweep;
        *sweep = result;
    } else {
        free_draft(&draft);
    }
    ms_axis_free(&draft.snapshots);
    return status;
}

/* The text with the additions is read as any other, so that the sweep is the one that results will keep. */
static ms_status parse_again(ms_sweep **sweep, source *s, ms_diagnostics *diagnostics)
{
    source whole = {.name = s->name, .supply = s->supply, .tables = s->tables, .data = s->data};
    size_t line = (*sweep)->snapshots_line, column = (*sweep)->snapshots_column;
    s->tables = NULL;
    s->data = NULL;
    ms_sweep_free(*sweep);
    *sweep = NULL;
    char *text = ms_additions_apply(&s->additions, s->text, s->length, skipped(s), &whole.length);
    whole.text = text;
    ms_status status = text ? parse_once(sweep, &whole, diagnostics) : MS_ERROR_MEMORY;
    if (status == MS_ERROR_SWEEP || whole.additions.count > 0) {
        *diagnostics = (ms_diagnostics){0}; /* of places that the user does not see */
        ms_diagnostics_add(diagnostics, s->name, 0, 0,
                           "what was found in the files that it names cannot be added to it; write their "
                           "sections as plain lines `key: value`");
        status = MS_ERROR_SWEEP;
    }
    if (status != MS_OK) {
        ms_sweep_free(*sweep);
        *sweep = NULL;
    } else { /* as in the text that the user sees */
        (*sweep)->snapshots_line = line;
        (*sweep)->snapshots_column = column;
    }
    ms_additions_free(&whole.additions);
    ms_read_tables_free(whole.tables);
    s->data = whole.data;
    free(text);
    return status;
}

static ms_status parse(ms_sweep **sweep, source *s, ms_diagnostics *diagnostics)
{
    ms_status status = parse_once(sweep, s, diagnostics);
    if (status == MS_OK && s->additions.count > 0)
        status = parse_again(sweep, s, diagnostics);
    ms_additions_free(&s->additions);
    ms_read_tables_free(s->tables);
    if (status == MS_OK)
        (*sweep)->data = s->data;
    else
        ms_known_data_free(s->data);
    return status;
}

static ms_status parse_assigned(ms_sweep **sweep, source *s, const ms_assignments *assignments,
                                ms_diagnostics *diagnostics)
{
    ms_assigned assigned = {0};
    ms_status status = check_text(s, diagnostics);
    if (status == MS_OK)
        status = ms_assign(&assigned, assignments, s->name, s->text, s->length, skipped(s), diagnostics);
    if (status == MS_OK) {
        source edited = *s;
        edited.text = assigned.text;
        edited.length = assigned.length;
        edited.assigned = &assigned;
        status = parse(sweep, &edited, diagnostics);
    }
    ms_assigned_free(&assigned);
    return status;
}

static ms_status out_of_memory(const char *name, ms_diagnostics *diagnostics)
{
    ms_diagnostics_add(diagnostics, name, 0, 0, "out of memory while reading it");
    return MS_ERROR_MEMORY;
}

static ms_status parse_plainly(ms_sweep **sweep, source *s, const ms_assignments *assignments,
                               ms_diagnostics *diagnostics)
{
    *sweep = NULL;
    /* numbers have a decimal point, whatever the program's locale says */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return out_of_memory(s->name, diagnostics);
    locale_t before = uselocale(plain);
    ms_status status = assignments && assignments->count > 0
                           ? parse_assigned(sweep, s, assignments, diagnostics)
                           : parse(sweep, s, diagnostics);
    uselocale(before);
    freelocale(plain);
    return status == MS_ERROR_MEMORY ? out_of_memory(s->name, diagnostics) : status;
}

ms_status ms_sweep_parse(ms_sweep **sweep, const char *name, const char *text, size_t length,
                         ms_diagnostics *diagnostics)
{
    return ms_sweep_parse_with(sweep, name, text, length, NULL, diagnostics);
}

ms_status ms_sweep_parse_with(ms_sweep **sweep, const char *name, const char *text, size_t length,
                              const ms_assignments *assignments, ms_diagnostics *diagnostics)
{
    return parse_plainly(sweep, &(source){.name = name, .text = text, .length = length}, assignments,
                         diagnostics);
}

ms_status ms_sweep_parse_kept(ms_sweep **sweep, const char *name, const char *text, size_t length,
                              ms_diagnostics *diagnostics)
{
    return parse_plainly(
        sweep, &(source){.name = name, .text = text, .length = length, .is_kept = true, .skips_tables = true},
        NULL, diagnostics);
}

ms_status ms_sweep_parse_supplied(ms_sweep **sweep, const char *name, const char *text, size_t length,
                                  bool is_kept, const ms_assignments *assignments, const ms_supply *supply,
                                  ms_diagnostics *diagnostics)
{
    return parse_plainly(
        sweep, &(source){.name = name, .text = text, .length = length, .is_kept = is_kept, .supply = supply},
        assignments, diagnostics);
}

ms_status ms_sweep_load(ms_sweep **sweep, const char *path, ms_diagnostics *diagnostics)
{
    return ms_sweep_load_with(sweep, path, NULL, diagnostics);
}

ms_status ms_sweep_load_with(ms_sweep **sweep, const char *path, const ms_assignments *assignments,
                             ms_diagnostics *diagnostics)
{
    *sweep = NULL;
    char *text;
    size_t length;
    ms_status status = ms_file_read(path, MS_SWEEP_FILE_MAX, &text, &length, diagnostics);
    if (status == MS_ERROR_MEMORY)
        return out_of_memory(path, diagnostics);
    if (status == MS_OK)
        status = ms_sweep_parse_with(sweep, path, text, length, assignments, diagnostics);
    free(text);
    return status;
}
