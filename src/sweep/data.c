/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/data.h"

#include "data/data_set_read.h"
#include "data/network_read.h"
#include "observe/observables.h"
#include "observe/rule.h"
#include "sweep/additions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { PATH_SIZE = 4096, NAME_SIZE = 64 };

/* Paths of IDX files; or that of an HDF5 file in the first place, and names of datasets. */
typedef struct mapping {
    char hdf5[PATH_SIZE], vectors[PATH_SIZE], labels[PATH_SIZE], test[PATH_SIZE], test_labels[PATH_SIZE];
} mapping;

#define FIELD(name, its_type, its_doc, its_size, ...)                                                        \
    {                                                                                                        \
        .type = (its_type), .doc = (its_doc), .offset = offsetof(mapping, name), .size = (its_size),         \
        __VA_ARGS__                                                                                          \
    }

static const ms_field idx_fields[] = {
    FIELD(vectors, MS_FIELD_PATH, "path of an IDX file of vectors or images", PATH_SIZE, .key = "idx",
          .required = true),
    FIELD(labels, MS_FIELD_PATH, "path of an IDX file of their labels", PATH_SIZE, .key = "labels"),
    FIELD(test, MS_FIELD_PATH, "path of an IDX file of vectors to start from", PATH_SIZE, .key = "test"),
    FIELD(test_labels, MS_FIELD_PATH, "path of an IDX file of their labels", PATH_SIZE, .key = "test_labels"),
};
const ms_schema ms_data_idx_schema = {"data: idx", idx_fields, COUNT(idx_fields)};

static const ms_field hdf5_fields[] = {
    FIELD(hdf5, MS_FIELD_PATH, "path of an HDF5 file", PATH_SIZE, .key = "hdf5", .required = true),
    FIELD(vectors, MS_FIELD_TEXT, "its dataset of vectors or images", NAME_SIZE, .key = "dataset",
          .required = true),
    FIELD(labels, MS_FIELD_TEXT, "its dataset of their labels", NAME_SIZE, .key = "labels"),
    FIELD(test, MS_FIELD_TEXT, "its dataset of vectors to start from", NAME_SIZE, .key = "test"),
    FIELD(test_labels, MS_FIELD_TEXT, "its dataset of their labels", NAME_SIZE, .key = "test_labels"),
};
const ms_schema ms_data_hdf5_schema = {"data: hdf5", hdf5_fields, COUNT(hdf5_fields)};

void ms_known_data_free(ms_known_data *list)
{
    while (list) {
        ms_known_data *first = list;
        list = first->next;
        ms_data_set_free(first->set);
        ms_network_free(first->network);
        free(first);
    }
}

ms_known_data *ms_known_data_add(ms_reader *reader, const char *key)
{
    ms_known_data *entry = calloc(1, sizeof *entry + strlen(key) + 1);
    if (!entry) {
        reader->out_of_memory = true;
        return NULL;
    }
    memcpy(entry->key, key, strlen(key) + 1);
    entry->next = reader->data;
    reader->data = entry;
    return entry;
}

ms_known_data *ms_known_data_find(const ms_reader *reader, const char *key)
{
    for (ms_known_data *known = reader->data; known; known = known->next)
        if (strcmp(known->key, key) == 0)
            return known;
    return NULL;
}

static ms_status read_array(ms_array *array, const mapping *m, const char *name, bool whole,
                            ms_diagnostics *diagnostics)
{
    return m->hdf5[0] ? ms_array_read_hdf5(array, m->hdf5, name, diagnostics)
                      : ms_array_read_idx(array, name, whole, diagnostics);
}

/* Vectors and labels ("": none), read once; NULL after a message or without memory. */
static const ms_data_set *read_set(ms_reader *reader, const mapping *m, const char *vectors,
                                   const char *labels)
{
    char key[3 * PATH_SIZE + 3];
    snprintf(key, sizeof key, "%s\n%s\n%s", m->hdf5, vectors, labels);
    ms_known_data *entry = ms_known_data_find(reader, key);
    if (entry || !(entry = ms_known_data_add(reader, key)))
        return entry ? entry->set : NULL;
    ms_array of_vectors, of_labels = {.value = NULL};
    ms_status status = read_array(&of_vectors, m, vectors, false, reader->diagnostics);
    if (status == MS_OK && labels[0])
        status = read_array(&of_labels, m, labels, true, reader->diagnostics);
    if (status == MS_OK)
        status = ms_data_set_make(&entry->set, m->hdf5[0] ? m->hdf5 : vectors, &of_vectors,
                                  labels[0] ? &of_labels : NULL, reader->diagnostics);
    else
        free(of_vectors.value);
    reader->out_of_memory |= status == MS_ERROR_MEMORY;
    reader->is_file_wrong |= status != MS_OK;
    return entry->set;
}

static void read_sets(ms_reader *reader, const mapping *m, ms_data *data)
{
    data->train = read_set(reader, m, m->vectors, m->labels);
    if (data->train && m->test[0])
        data->test = read_set(reader, m, m->test, m->test_labels);
}

/* Where scripts/fetch-data puts data; false: it cannot be told. */
static bool find_folder(char *folder, size_t size)
{
    const char *own = getenv("MODESEEK_DATA"), *shared = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int length = own && own[0]         ? snprintf(folder, size, "%s", own)
                 : shared && shared[0] ? snprintf(folder, size, "%s/modeseek", shared)
                 : home && home[0]     ? snprintf(folder, size, "%s/.local/share/modeseek", home)
                                       : -1;
    return length > 0 && (size_t)length < size;
}

/* A file of a known data set, packed or not; false: there is none. */
static bool find_file(const char *folder, const char *set, const char *name, char *path)
{
    for (int packed = 0; packed < 2; packed++) {
        int length = snprintf(path, PATH_SIZE, "%s/%s/%s%s", folder, set, name, packed ? ".gz" : "");
        FILE *file = length < PATH_SIZE ? fopen(path, "rb") : NULL;
        if (file) {
            fclose(file);
            return true;
        }
    }
    return false;
}

/* `data: mnist` */
static bool find_known(ms_reader *reader, const ms_node *node, const char *name, mapping *m)
{
    char folder[PATH_SIZE / 2] = "";
    if (find_folder(folder, sizeof folder) &&
        find_file(folder, name, "train-images-idx3-ubyte", m->vectors) &&
        find_file(folder, name, "train-labels-idx1-ubyte", m->labels) &&
        find_file(folder, name, "t10k-images-idx3-ubyte", m->test) &&
        find_file(folder, name, "t10k-labels-idx1-ubyte", m->test_labels))
        return true;
    ms_complain(reader, node,
                "%s is not in %s; `scripts/fetch-data %s` puts it there (MODESEEK_DATA names another folder)",
                name, folder[0] ? folder : "a known folder", name);
    reader->is_file_wrong = true;
    return false;
}

void ms_read_data(ms_reader *reader, const ms_field *field, const ms_node *node, ms_data *data)
{
    static const ms_choice known[] = {{"mnist", 0}, {"fashion_mnist", 1}, {NULL, 0}};
    size_t before = reader->diagnostics->count;
    unsigned which;
    mapping *m = calloc(1, sizeof *m);
    if (!m) {
        reader->out_of_memory = true;
        return;
    }
    bool good = true;
    if (node->type == MS_NODE_SCALAR)
        good = ms_read_choice(reader, node, field->key, known, &which) &&
               (reader->skips_tables || find_known(reader, node, node->text, m));
    else
        ms_schema_read(reader, ms_node_get(node, "hdf5") ? &ms_data_hdf5_schema : &ms_data_idx_schema, node,
                       m);
    if (good && !reader->skips_tables && !reader->is_file_wrong && !reader->out_of_memory &&
        reader->diagnostics->count == before)
        read_sets(reader, m, data);
    free(m);
}

ms_empirical_params *ms_settings_data(const ms_settings *settings)
{
    const ms_schema *schema = settings->target.params ? settings->target.kind->schema : NULL;
    for (size_t i = 0; schema && i < schema->count; i++)
        if (schema->fields[i].type == MS_FIELD_DATA)
            return settings->target.params; /* such params begin with these */
    return NULL;
}

bool ms_settings_lacks_labels(const ms_settings *settings)
{
    const ms_empirical_params *p = ms_settings_data(settings);
    return p && settings->modes.count == 0 && !p->flips && p->data.train && p->data.train->labels > 0 &&
           !p->data.train->label;
}

/* --- in words: "60000 x 28 x 28, 10 labels, digest 0123456789abcdef; test: 10000 x 28 x 28, ..." --- */

static void describe_set(const ms_data_set *set, const char *before, char *text, size_t size)
{
    size_t used = strlen(text);
    int length = set->rows > 0
                     ? snprintf(text + used, size - used, "%s%zu x %zu x %zu", before, set->count, set->rows,
                                set->columns)
                     : snprintf(text + used, size - used, "%s%zu x %zu", before, set->count, set->dimension);
    used += (size_t)length;
    if (set->labels > 0 && used < size)
        used += (size_t)snprintf(text + used, size - used, ", %zu labels", set->labels);
    if (used < size)
        snprintf(text + used, size - used, ", %016" PRIx64, set->digest);
}

static void describe(const ms_data *data, char *text, size_t size)
{
    text[0] = '\0';
    describe_set(data->train, "", text, size);
    if (data->test)
        describe_set(data->test, "; test ", text, size);
}

/* "50 66 52 ..." of the first `count` vectors. */
static void count_labels(const ms_data_set *set, size_t count, char *text, size_t size)
{
    size_t number[MS_DATA_LABEL_MAX + 1] = {0};
    for (size_t k = 0; k < count; k++)
        number[set->label[k]]++;
    for (size_t label = 0, used = 0; label < set->labels && used + 1 < size; label++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu", label > 0 ? " " : "", number[label]);
}

/* A number within the limits, behind `before`; `*text` goes on behind it. */
static bool take_number(const char **text, const char *before, size_t most, size_t *number)
{
    char *end;
    size_t length = strlen(before);
    if (strncmp(*text, before, length) != 0 || (*text)[length] < '0' || (*text)[length] > '9')
        return false;
    unsigned long long value = strtoull(*text + length, &end, 10);
    *number = (size_t)value;
    *text = end;
    return value >= 1 && value <= most;
}

/* The set of such words, without its numbers; false: they are none. */
static bool parse_set(const char **text, ms_data_set *set)
{
    size_t second;
    if (!take_number(text, "", MS_DATA_COUNT_MAX, &set->count) ||
        !take_number(text, " x ", MS_DATA_NUMBERS_LIMIT, &set->dimension))
        return false;
    if (take_number(text, " x ", MS_DATA_NUMBERS_LIMIT, &second)) {
        set->rows = set->dimension;
        set->columns = second;
        set->dimension *= second;
    }
    if (set->dimension > MS_DATA_NUMBERS_LIMIT / set->count)
        return false;
    const char *rest = *text;
    size_t labels;
    if (take_number(&rest, ", ", MS_DATA_LABEL_MAX + 1, &labels) && strncmp(rest, " labels", 7) == 0) {
        set->labels = labels;
        *text = rest + 7;
    }
    char *end;
    if (strncmp(*text, ", ", 2) != 0)
        return false;
    set->digest = strtoull(*text + 2, &end, 16);
    bool good = end == *text + 2 + 16;
    *text = end;
    return good;
}

static const ms_data_set *stand_in(ms_reader *reader, const char **text)
{
    ms_data_set set = {.count = 0};
    if (!parse_set(text, &set))
        return NULL;
    ms_known_data *entry = ms_known_data_add(reader, "");
    if (!entry || !(entry->set = malloc(sizeof *entry->set))) {
        reader->out_of_memory = true;
        return NULL;
    }
    *entry->set = set;
    return entry->set;
}

/* Where files are not opened, the words tell what there is. */
static void stand_in_for_data(ms_reader *reader, ms_empirical_params *p, const ms_node *section)
{
    const char *text = p->contents;
    reader->lacks_numbers = true;
    p->data = (ms_data){.train = stand_in(reader, &text)};
    if (p->data.train && strncmp(text, "; test ", 7) == 0) {
        text += 7;
        p->data.test = stand_in(reader, &text);
    }
    if (!reader->out_of_memory && (!p->data.train || *text != '\0'))
        ms_complain(reader, section, "contents is '%s', so this is not a sweep as stored in a results file",
                    p->contents);
}

/* What was given, or noted when results were made, must be what is found. */
static void compare_contents(ms_reader *reader, const ms_kind *kind, ms_empirical_params *p,
                             const ms_node *section)
{
    char found[sizeof p->contents];
    describe(&p->data, found, sizeof found);
    if (p->contents[0] && strcmp(p->contents, found) != 0) {
        ms_complain(reader, section, "these are not the expected data: the files hold %s, not %s", found,
                    p->contents);
        return;
    }
    memcpy(p->contents, found, sizeof found);
    if (p->data.train->label && p->count <= p->data.train->count)
        count_labels(p->data.train, p->count > 0 ? p->count : p->data.train->count, p->label_counts,
                     sizeof p->label_counts);
    ms_additions_note(reader, kind->schema, p, section);
}

static void check_target(ms_reader *reader, const ms_draft *draft, const ms_empirical_params *p,
                         const ms_node *section)
{
    const ms_axis *dimension = &draft->sweep.axis[MS_AXIS_DIMENSION];
    const ms_data_set *train = p->data.train;
    ms_error error;
    if (p->count > train->count)
        ms_complain(reader, ms_node_get(section, "count"),
                    "count is %" PRIu64 ", but the data have %zu vectors", p->count, train->count);
    if (p->pixel_order == MS_PIXELS_BY_COLUMN && train->rows == 0)
        ms_complain(reader, ms_node_get(section, "pixel_order"),
                    "pixel_order is for images, which these data are not");
    if (p->data.test && p->data.test->dimension != train->dimension)
        ms_complain(reader, section, "the vectors to start from have %zu numbers each, the others %zu",
                    p->data.test->dimension, train->dimension);
    for (size_t i = 0; i < dimension->count; i++)
        if (draft->settings.target.kind->fits(p, dimension->value[i].whole, &error) != MS_OK) {
            ms_complain(reader, dimension->value[i].node, "%s", error.message);
            return;
        }
}

/* --- what else follows --- */

static void set_start(ms_reader *reader, ms_start *start, const ms_empirical_params *p,
                      const ms_node *section)
{
    start->data = start->is_of_test ? p->data.test : p->data.train;
    start->by_column = p->pixel_order == MS_PIXELS_BY_COLUMN;
    if (!start->data)
        ms_complain(reader, section,
                    "the data of the target have no `test` vectors to start from; name a file of them");
}

static void take_kinds(ms_reader *reader, ms_list *list, const ms_kind *const *kinds, size_t count)
{
    ms_chosen *chosen = calloc(count + 1, sizeof *chosen);
    for (size_t i = 0; chosen && i < list->count; i++)
        ms_chosen_free((ms_chosen *)list->item + i);
    if (chosen)
        free(list->item);
    for (size_t i = 0; chosen && i < count && kinds[i]; i++) {
        chosen[i] = (ms_chosen){kinds[i], calloc(1, kinds[i]->params_size + 1)};
        reader->out_of_memory |= !chosen[i].params;
    }
    reader->out_of_memory |= !chosen;
    if (chosen)
        *list = (ms_list){.item = chosen, .count = count};
}

/* Rules and observables that need no density, where the document names none. */
static void set_records(ms_reader *reader, ms_settings *settings, const ms_empirical_params *p,
                        const ms_node *document)
{
    const ms_kind *rules[] = {ms_kind_find(ms_rule_kind, "ball")};
    const ms_kind *observables[] = {
        ms_kind_find(ms_observable_kind, "nearest"), ms_kind_find(ms_observable_kind, "nearest_distance"),
        ms_kind_find(ms_observable_kind, "nearest_mode"), ms_kind_find(ms_observable_kind, "label")};
    if (!ms_node_get(ms_node_get(document, "discovery"), "rules"))
        take_kinds(reader, &settings->rules, rules, COUNT(rules));
    if (!ms_node_get(document, "observables"))
        take_kinds(reader, &settings->observables, observables, p->data.train->labels > 0 ? 4 : 3);
    if (!(settings->radius_squared > 0))
        settings->radius_squared = MS_DATA_RADIUS_SQUARED;
}

/* What has no meaning where there is no density. */
static void check_records(ms_reader *reader, const ms_settings *settings, const ms_empirical_params *p,
                          const ms_node *document)
{
    static const char *const needy[] = {"responsibility", "mode", "log_density", "energy"};
    const ms_chosen *rule = settings->rules.item, *observable = settings->observables.item;
    for (size_t i = 0; i < settings->rules.count; i++)
        if (rule[i].kind && rule[i].kind != ms_kind_find(ms_rule_kind, "ball"))
            ms_complain(reader, ms_node_get(document, "discovery"),
                        "the rule %s needs a density, which data without noise have not; use ball",
                        rule[i].kind->name);
    for (size_t i = 0; i < settings->observables.count; i++) {
        for (size_t n = 0; n < COUNT(needy) && observable[i].kind; n++)
            if (strcmp(observable[i].kind->name, needy[n]) == 0)
                ms_complain(
                    reader, ms_node_get(document, "observables"),
                    "the observable %s needs a density, which data without noise have not; use nearest, "
                    "nearest_distance and nearest_mode",
                    needy[n]);
        if (observable[i].kind && strcmp(observable[i].kind->name, "label") == 0 &&
            p->data.train->labels == 0)
            ms_complain(reader, ms_node_get(document, "observables"),
                        "the data have no labels; leave label out");
    }
}

/* A rule wants vectors of each label, which are the modes by default. */
static void check_labels(ms_reader *reader, const ms_settings *settings, const ms_empirical_params *p,
                         const ms_node *document)
{
    const ms_data_set *train = p->data.train;
    const ms_node *count = ms_node_get(ms_node_get(document, "target"), "count");
    if (settings->rules.count == 0 || settings->modes.count > 0 || p->flips || !train->label)
        return;
    bool *is_there = calloc(train->labels + 1, sizeof *is_there);
    reader->out_of_memory |= !is_there;
    for (size_t i = 0; is_there && i < p->count && i < train->count; i++)
        is_there[train->label[i]] = true;
    size_t label = 0;
    while (is_there && label < train->labels && is_there[label])
        label++;
    if (is_there && label < train->labels)
        ms_complain(
            reader, count ? count : ms_node_get(document, "target"),
            "none of the %zu vectors has the label %zu, which would be a mode without components; give "
            "another count, `modes`, or `rules: []` in the section discovery",
            (size_t)p->count, label);
    free(is_there);
}

void ms_draft_data(ms_reader *reader, ms_draft *draft, const ms_node *document)
{
    ms_settings *settings = &draft->settings;
    ms_empirical_params *p = ms_settings_data(settings);
    const ms_node *section = ms_node_get(document, "target"), *start = ms_node_get(document, "start");
    if (!p) {
        if (settings->start.type == MS_START_DATA && settings->target.params)
            ms_complain(reader, start,
                        "data to start from are those of a target made of data, such as `family: empirical`");
        return;
    }
    ms_draft_network(reader, settings, section);
    if (reader->skips_tables)
        stand_in_for_data(reader, p, section);
    else if (p->data.train)
        compare_contents(reader, settings->target.kind, p, section);
    if (!p->data.train || reader->diagnostics->count > 0)
        return;
    check_target(reader, draft, p, section);
    if (p->count == 0)
        p->count = p->data.train->count;
    if (settings->start.type == MS_START_DATA)
        set_start(reader, &settings->start, p, start);
    set_records(reader, settings, p, document);
    check_records(reader, settings, p, document);
    check_labels(reader, settings, p, document);
}
