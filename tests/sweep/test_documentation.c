/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs/sweep-file.md documents each key of each mapping, in a section of the mapping's name, with its
 * default; its examples are correct sweeps. */
#include "sampler/sampler_type.h"
#include "sweep/draft.h"
#include "sweep_support.h"

static char *documentation;

static int read_documentation(void **state)
{
    (void)state;
    FILE *in = fopen(MS_SOURCE_DIR "/docs/sweep-file.md", "rb");
    documentation = calloc(1, 1 << 20);
    if (!in || !documentation)
        return -1;
    size_t length = fread(documentation, 1, (1 << 20) - 1, in);
    fclose(in);
    return length > 0 ? 0 : -1;
}

static int free_documentation(void **state)
{
    (void)state;
    free(documentation);
    return 0;
}

/* The first table of the section "### title"; the caller frees it. */
static char *table(const char *title)
{
    char heading[128];
    snprintf(heading, sizeof heading, "\n### %s\n", title);
    const char *begin = strstr(documentation, heading);
    if (!begin)
        fail_msg("no section '%s'", title);
    begin = strstr(begin, "\n|");
    assert_non_null(begin);
    const char *end = strstr(begin, "\n\n");
    return strndup(begin, end ? (size_t)(end - begin) : strlen(begin));
}

static size_t keys;

static void expect_row(const char *rows, const char *path, const char *key, const char *meaning)
{
    char start[64];
    snprintf(start, sizeof start, "\n| `%s` |", key);
    const char *row = strstr(rows, start);
    if (!row)
        fail_msg("%s: %s is not documented", path, key);
    char *line = strndup(row + 1, strcspn(row + 1, "\n"));
    if (!strstr(line, meaning))
        fail_msg("%s: %s lacks %s", path, key, meaning);
    free(line);
    keys++;
}

static void compare_schema(const ms_schema *schema, const char *tag, void *argument)
{
    (void)argument;
    char *text = table(schema->path);
    size_t rows = 0;
    for (const char *row = text; (row = strstr(row, "\n| `")); row++)
        rows++;
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        char cell[64];
        snprintf(cell, sizeof cell, "| `%s` |", field->fallback ? field->fallback : "");
        expect_row(text, schema->path, field->key,
                   field->required   ? "| required |"
                   : field->fallback ? cell
                                     : "|");
    }
    if (tag)
        expect_row(text, schema->path, tag, "|");
    assert_int_equal(rows, schema->count + (tag != NULL));
    free(text);
}

/* Of the sections, of each kind of target and sampler, of ranges. */
static void every_key_is_documented(void **state)
{
    (void)state;
    ms_schema_visit(&ms_sweep_schema, compare_schema, NULL);
    compare_schema(&ms_axis_range_schema, NULL, NULL);
    assert_true(keys > 40);
}

/* Keys of the random numbers are walks over the fields of kinds: they must know what to do with each. */
static void expect_hashable(const ms_schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        if (field->type == MS_FIELD_NODE || field->type == MS_FIELD_CUSTOM)
            fail_msg("%s: %s would not be in the key", schema->path, field->key);
        for (size_t n = 0; field->may_be_file && n < field->schema->count; n++) { /* what a table can give */
            const ms_field *of_item = &field->schema->fields[n];
            assert_true(of_item->required &&
                        (of_item->type == MS_FIELD_NUMBER || of_item->type == MS_FIELD_VECTOR));
        }
        if (field->schema)
            expect_hashable(field->schema);
    }
}

static void every_field_of_a_kind_is_in_the_key(void **state)
{
    (void)state;
    const ms_kind *kind;
    for (size_t i = 0; (kind = ms_target_kind(i)); i++)
        expect_hashable(kind->schema);
    for (size_t i = 0; (kind = ms_sampler_kind(i)); i++)
        expect_hashable(kind->schema);
}

static void its_first_examples_are_correct(void **state)
{
    (void)state;
    const char *text = documentation;
    for (int example = 0; example < 3; example++) {
        text = strstr(text, "```yaml\n");
        assert_non_null(text);
        text += strlen("```yaml\n");
        const char *end = strstr(text, "```");
        ms_sweep *sweep;
        ms_diagnostics diagnostics = {0};
        if (ms_sweep_parse(&sweep, "example", text, (size_t)(end - text), &diagnostics) != MS_OK)
            fail_msg("%s", diagnostics.message[0]);
        ms_sweep_free(sweep);
        text = end + 3;
    }
}

/* The shown errors are those of tests/sweep/bad/several.yaml. */
static void its_errors_are_real(void **state)
{
    (void)state;
    static const char *const files[] = {"several.yaml", "several.expected"};
    for (size_t i = 0; i < 2; i++) {
        char path[512], text[4096] = "";
        snprintf(path, sizeof path, "%s/tests/sweep/bad/%s", MS_SOURCE_DIR, files[i]);
        FILE *in = fopen(path, "rb");
        assert_non_null(in);
        assert_true(fread(text, 1, sizeof text - 1, in) > 0);
        fclose(in);
        assert_non_null(strstr(documentation, text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_documented), cmocka_unit_test(every_field_of_a_kind_is_in_the_key),
        cmocka_unit_test(its_first_examples_are_correct), cmocka_unit_test(its_errors_are_real)};
    return cmocka_run_group_tests(tests, read_documentation, free_documentation);
}
