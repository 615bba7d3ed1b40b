/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Damaged results files. An input that begins as a results file does is one. Any other is a list of changes
 * to a correct file that is made here, so that a corpus is small and outlives changes of the format:
 *
 *   byte 0       flags and which file, see below; then, 12 bytes each,
 *   byte 0       what is done: put a value, the same at several places, change the size, ...
 *   byte 1       in which dataset, or in the seal
 *   bytes 2, 3   at which element
 *   bytes 4..11  the value, of which as many bytes are used as the element has
 *
 * HDF5 1.10 goes astray on damaged metadata, which the seal keeps from it: only values are changed. */
#include "base/text.h"
#include "fuzz.h"
#include "results/crc32c.h"
#include "results/file.h"

/* What MPI_Init() allocates does not count as lost. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define IGNORE_LEAKS(call) (__lsan_disable(), (call), __lsan_enable())
#endif
#endif
#ifndef IGNORE_LEAKS
#define IGNORE_LEAKS(call) (call)
#endif

#define ITERATIONS 987654321012345
#define CHANGE     12    /* bytes */
#define GROWTH_MAX 65536 /* bytes behind the file's end */

#define TEXT(n)    #n
#define AS_TEXT(n) TEXT(n)
#define SWEEP_HEAD                                                                                           \
    "name: fuzz\n"                                                                                           \
    "target:\n"                                                                                              \
    "  family: gaussian_mixture\n"                                                                           \
    "  components: [{weight: 0.2, mean: 0, variance: 3}, {weight: 0.8, mean: 1, variance: 1}]\n"             \
    "sampler: {step_size: 0.1}\n"                                                                            \
    "budget: {iterations: " AS_TEXT(ITERATIONS) ", chains: 5, block: 3}\n"

enum {
    FIX_SEAL = 1,
    FIX_CONTENT = 2,
    FIX_COMMITS = 4,
    FIX_RECORDS = 8,
    DAMAGED = 16,
    WHICH = 32,
    COMPARE = 96,
    WRITE = 192,
    REMAKE = 224
};
enum { WRITTEN, ARCHIVE, MERGED, PRISTINE_COUNT };
enum { PUT, PUT_TWICE, PUT_ALL, XOR, ADD, RESIZE, PUT_SEAL, PUT_SEAL_BYTE };

/* Where a dataset's bytes are. */
typedef struct place {
    uint64_t offset, size;
    unsigned element; /* bytes */
} place;

typedef struct pristine {
    uint8_t *bytes;
    size_t size;
    place place[MS_DATASET_COUNT];
    ms_dataset there[MS_DATASET_COUNT]; /* those that have values */
    size_t datasets;
} pristine;

static char folder[200], path[220];
static ms_sweep *sweep, *larger, *smaller, *another; /* with other snapshots, but an identity as long */
static ms_layout layout;
static pristine pristines[PRISTINE_COUNT];

/* --- correct files --- */

#define DO(call) make_sure((call), #call, &error)

static void make_sure(ms_status status, const char *call, const ms_error *error)
{
    if (status != MS_OK) {
        fprintf(stderr, "%s: %s\n", call, error->message);
        abort();
    }
}

static ms_sweep *parse(const char *text)
{
    ms_sweep *parsed = NULL;
    ms_diagnostics diagnostics = {0};
    ms_sweep_parse(&parsed, "fuzz.yaml", text, strlen(text), &diagnostics);
    if (!parsed)
        ms_diagnostics_print(&diagnostics, stderr);
    HOLDS(parsed);
    return parsed;
}

/* Blocks that are done, have failed, are quarantined, are not done; with two states, one, none. */
static void write_blocks(ms_results *results)
{
    ms_error error = {0};
    ms_block_results *slot;
    DO(ms_block_results_alloc(sweep, &slot, &error));
    int64_t *time = ms_block_int64(slot, "discovery_time"), *observed = ms_block_int64(slot, "observed");
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
        slot->block = b;
        slot->chains = ms_sweep_block(sweep, b).chains;
        slot->status = b == 1 ? MS_BLOCK_FAILED : b == 2 ? MS_BLOCK_QUARANTINED : MS_BLOCK_DONE;
        snprintf(slot->failure, sizeof slot->failure, "%s", slot->status == MS_BLOCK_DONE ? "" : "a reason");
        for (size_t c = 0; c < slot->chains; c++) {
            observed[c] = 1000 + (int64_t)c;
            for (size_t i = 0; i < MS_RULE_COUNT; i++)
                time[c * MS_RULE_COUNT + i] = c == 1 ? MS_CENSORED : (int64_t)(10 * b + c + i);
        }
        uint8_t *state = calloc(ms_results_state_size(results, b), 1);
        HOLDS(state);
        DO(ms_results_attempt_begin(results, b, &error));
        for (uint64_t generation = 1; generation <= b % 4; generation++) {
            ms_saved_state saved = {generation, 100 * generation, 40 * generation, 1};
            DO(ms_results_state_save(results, b, &saved, state, &error));
        }
        free(state);
        if (b != 3)
            DO(ms_results_write(results, slot, &error));
    }
    ms_block_results_free(slot);
}

static void find_places(pristine *p)
{
    ms_error error = {0};
    ms_results *results;
    DO(ms_results_open(&results, path, &error));
    for (ms_dataset which = 0; which < MS_DATASET_COUNT; which++) {
        hid_t dataset = results->dataset[which];
        if (dataset < 0)
            continue; /* left out */
        haddr_t offset = H5Dget_offset(dataset);
        hsize_t size = H5Dget_storage_size(dataset), from[4];
        unsigned mask, element = 1;
        if (offset != HADDR_UNDEF) {
            hid_t type = H5Dget_type(dataset);
            element = H5Tget_size(type) <= 8 ? (unsigned)H5Tget_size(type) : 1;
            H5Tclose(type);
        } else if (size > 0) { /* compressed */
            hid_t space = H5Dget_space(dataset);
            HOLDS(H5Dget_chunk_info(dataset, space, 0, from, &mask, &offset, &size) >= 0);
            H5Sclose(space);
        }
        if (size > 0) {
            p->place[which] = (place){offset, size, element};
            p->there[p->datasets++] = which;
        }
    }
    DO(ms_results_close(results, &error));
}

static void take(pristine *p)
{
    FILE *file = fopen(path, "rb");
    HOLDS(file && fseek(file, 0, SEEK_END) == 0 && (p->size = (size_t)ftell(file)) > MS_SEAL_SIZE);
    rewind(file);
    HOLDS((p->bytes = malloc(p->size)) && fread(p->bytes, 1, p->size, file) == p->size);
    fclose(file);
    find_places(p);
    unlink(path);
}

static void make_pristines(void)
{
    ms_error error = {0};
    ms_results *results;
    ms_merge_report report;
    char written[240];
    const char *const from[] = {written};
    snprintf(written, sizeof written, "%s.written", path);
    DO(ms_results_create(written, sweep, NULL, &error));
    DO(ms_results_record_start(written, 1, 0, &error));
    DO(ms_results_open_parallel(&results, written, sweep, MPI_COMM_SELF, &error));
    write_blocks(results);
    DO(ms_results_close(results, &error));
    ms_input table = {.name = "t.csv", .key = "file", .size = 1};
    const ms_inputs inputs = {.input = &table, .count = 1};
    DO(ms_results_repack(path, written, sweep, false, &inputs, NULL, &error));
    take(&pristines[ARCHIVE]);
    DO(ms_results_merge(path, sweep, from, 1, &report, NULL, &error));
    take(&pristines[MERGED]);
    HOLDS(rename(written, path) == 0);
    take(&pristines[WRITTEN]);
}

static void clean(void)
{
    for (int i = 0; i < PRISTINE_COUNT; i++)
        free(pristines[i].bytes);
    ms_sweep_free(sweep);
    ms_sweep_free(larger);
    ms_sweep_free(smaller);
    ms_sweep_free(another);
    unlink(path);
    rmdir(folder);
    MPI_Finalize();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    ms_error error = {0};
    IGNORE_LEAKS(MPI_Init(argc, argv));
    make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/results.h5", folder);
    sweep = parse(SWEEP_HEAD "snapshots: [0, 100]\ngrid: {dimension: [2, 4], patch_size: [2, full]}\n");
    larger = parse(SWEEP_HEAD "snapshots: [0, 100]\ngrid: {dimension: [2, 4, 6], patch_size: [2, full]}\n");
    smaller = parse(SWEEP_HEAD "snapshots: [0, 100]\ngrid: {dimension: 2}\n");
    another = parse(SWEEP_HEAD "snapshots: [0, 1, 2]\ngrid: {dimension: [2, 4], patch_size: [2, full]}\n");
    DO(ms_layout_of_sweep(sweep, &layout, &error));
    make_pristines();
    atexit(clean);
    return 0;
}

/* --- changes --- */

typedef struct image {
    uint8_t *bytes;
    size_t size, room;
    const pristine *of;
} image;

static uint64_t little_endian(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static void put(uint8_t *bytes, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

static void change_element(image *file, int what, const place *at, size_t element, uint64_t value)
{
    size_t offset = at->offset + element * at->element;
    if (offset + at->element > file->size)
        return; /* cut off */
    uint64_t before = little_endian(file->bytes + offset, at->element);
    put(file->bytes + offset, at->element,
        what == XOR   ? before ^ value
        : what == ADD ? before + value
                      : value);
}

static void change(image *file, const uint8_t *bytes)
{
    int what = bytes[0] % 8;
    const place *at = &file->of->place[file->of->there[bytes[1] % file->of->datasets]];
    size_t elements = at->element > 0 ? at->size / at->element : 0, position = little_endian(bytes + 2, 2);
    uint64_t value = little_endian(bytes + 4, 8);
    if (what == RESIZE) {
        size_t size =
            bytes[1] % 2 ? file->size + value % (file->room - file->size + 1) : value % (file->size + 1);
        file->size = size < MS_SEAL_SIZE ? MS_SEAL_SIZE : size; /* shorter ones are whole files */
    } else if (what == PUT_SEAL) {
        put(file->bytes + position % (MS_SEAL_SIZE / 4 - 1) * 4, bytes[1] % 2 ? 8 : 4, value);
    } else if (what == PUT_SEAL_BYTE) {
        file->bytes[position % MS_SEAL_SIZE] ^= (uint8_t)value;
    } else if (elements > 0) {
        size_t count = what == PUT_TWICE ? 2 : what == PUT_ALL ? elements : 1;
        for (size_t i = 0; i < count && i < elements; i++)
            change_element(file, what, at, (position + i) % elements, value);
    }
}

/* Copies the block's part of a column: rows of its chains. */
static void gather(const image *file, ms_block range, ms_block_results *slot, size_t column)
{
    ms_column_shape shape = ms_block_column_shape(slot, column);
    size_t row = range.chains * shape.inner * 8;
    for (size_t o = 0; o < shape.outer; o++) {
        size_t from = ((range.point * shape.outer + o) * layout.size[MS_DIM_CHAIN] + range.first_chain) *
                      shape.inner * 8;
        memcpy((uint8_t *)slot->value[column] + o * row,
               file->bytes + file->of->place[MS_DATASET_FIRST_COLUMN + column].offset + from, row);
    }
}

static void fix_commit(image *file, size_t block, ms_block_results *slot)
{
    uint8_t *commit = file->bytes + file->of->place[MS_DATASET_COMMIT].offset + block * MS_COMMIT_FIELDS * 4;
    uint32_t status = (uint32_t)little_endian(commit + 4, 4);
    ms_block range = ms_sweep_block(sweep, block);
    slot->block = block;
    slot->chains = range.chains;
    slot->status = status <= MS_BLOCK_QUARANTINED ? (ms_block_status)status : MS_BLOCK_NOT_DONE;
    for (size_t column = 0; column < slot->columns; column++)
        gather(file, range, slot, column);
    memcpy(slot->failure, file->bytes + file->of->place[MS_DATASET_FAILURE].offset + block * MS_FAILURE_MAX,
           MS_FAILURE_MAX);
    put(commit + 8, 4,
        ms_slot_checksum(slot, (uint32_t)little_endian(commit, 4), (uint32_t)little_endian(commit + 12, 4)));
}

static void fix_commits(image *file)
{
    ms_error error = {0};
    ms_block_results *slot;
    DO(ms_block_results_alloc(sweep, &slot, &error));
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++)
        fix_commit(file, b, slot);
    ms_block_results_free(slot);
}

/* Of saved states: over the state, then block, generation, iteration, size and time. */
static void fix_records(image *file)
{
    const uint8_t *state = file->bytes + file->of->place[MS_DATASET_STATE].offset;
    for (size_t b = 0; b < ms_sweep_block_count(sweep); b++) {
        size_t size = ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, b));
        for (size_t slot = 0; slot < MS_SLOTS; slot++, state += size) {
            uint8_t *record = file->bytes + file->of->place[MS_DATASET_RECORD].offset +
                              (b * MS_SLOTS + slot) * MS_RECORD_FIELDS * 8;
            uint64_t about[MS_RECORD_FIELDS] = {b};
            for (size_t i = 0; i + 1 < MS_RECORD_FIELDS; i++)
                about[i + 1] = little_endian(record + 8 * i, 8);
            if (about[3] <= size)
                put(record + 8 * (MS_RECORD_FIELDS - 1), 8,
                    ms_crc32c_words(ms_crc32c(0, state, (size_t)about[3]), about, MS_RECORD_FIELDS));
        }
    }
}

/* As ms_seal_write() does, for the holes that stand in the seal now. */
static void fix_content(image *file)
{
    uint64_t at = MS_SEAL_SIZE, holes = little_endian(file->bytes + 144, 4);
    uint32_t crc = 0;
    put(file->bytes + 136, 8, file->size);
    for (uint64_t i = 0; i <= holes && i <= MS_HOLES_MAX; i++) {
        const uint8_t *hole = file->bytes + 152 + 16 * i;
        uint64_t begin = i < holes ? little_endian(hole, 8) : file->size;
        if (begin < at || begin > file->size)
            return; /* refused for that */
        crc = ms_crc32c(crc, file->bytes + at, (size_t)(begin - at));
        at = begin + (i < holes ? little_endian(hole + 8, 8) : 0);
    }
    put(file->bytes + 148, 4, crc);
}

/* The file that the input stands for. The caller frees `bytes`. */
static image apply(const uint8_t *data, size_t size)
{
    unsigned flags = size > 0 ? data[0] : 0;
    const pristine *p = &pristines[flags < WRITE ? flags / WHICH % PRISTINE_COUNT : WRITTEN];
    size_t room = p->size + GROWTH_MAX;
    image file = {.bytes = malloc(room), .size = p->size, .room = room, .of = p};
    HOLDS(file.bytes);
    memcpy(file.bytes, p->bytes, p->size);
    memset(file.bytes + p->size, 0, GROWTH_MAX);
    for (size_t at = 1; at + CHANGE <= size; at += CHANGE)
        change(&file, data + at);
    if (flags & FIX_COMMITS && file.size >= p->size && p != &pristines[ARCHIVE])
        fix_commits(&file);
    if (flags & FIX_RECORDS && file.size >= p->size && p != &pristines[ARCHIVE])
        fix_records(&file);
    if (flags & FIX_CONTENT)
        fix_content(&file);
    if (flags & (FIX_SEAL | FIX_CONTENT))
        put(file.bytes + MS_SEAL_SIZE - 4, 4, ms_crc32c(0, file.bytes, MS_SEAL_SIZE - 4));
    return file;
}

/* --- making up changes --- */

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static uint64_t draw_value(uint64_t *state)
{
    static const uint64_t some[] = {0,
                                    1,
                                    2,
                                    3,
                                    5,
                                    8,
                                    (uint64_t)-1,
                                    (uint64_t)-2,
                                    (uint64_t)-3,
                                    MS_SWEEP_DIMENSION_MAX,
                                    ITERATIONS,
                                    UINT64_C(1) << 53,
                                    UINT64_C(0x7ff0000000000000), /* infinity */
                                    UINT64_C(0x7ff8000000000000), /* NaN */
                                    (uint64_t)INT64_MAX,
                                    (uint64_t)INT64_MIN};
    switch (draw(state) % 4) {
    case 0:
        return draw(state) % 256;
    case 1:
        return UINT64_C(1) << draw(state) % 64;
    case 2:
        return draw(state) << 40 ^ draw(state) << 20 ^ draw(state);
    default:
        return some[draw(state) % (sizeof some / sizeof *some)];
    }
}

static void draw_change(uint8_t *bytes, uint64_t *state)
{
    bytes[0] = (uint8_t)draw(state);
    bytes[1] = (uint8_t)draw(state);
    put(bytes + 2, 2, draw(state) % 4 == 0 ? draw(state) : draw(state) % 16);
    put(bytes + 4, 8, draw_value(state));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    uint64_t state = seed;
    if (room < 1 + CHANGE)
        return size;
    if (size < 1 + CHANGE) {
        data[0] = FIX_CONTENT;
        draw_change(data + 1, &state);
        return 1 + CHANGE;
    }
    size_t changes = (size - 1) / CHANGE;
    size = 1 + changes * CHANGE;
    uint8_t *one = data + 1 + draw(&state) % changes * CHANGE;
    switch (draw(&state) % 8) {
    case 0:
        data[0] ^= (uint8_t)(1 << draw(&state) % 8);
        break;
    case 1:
        data[0] = (uint8_t)(data[0] / WHICH * WHICH + FIX_SEAL + FIX_CONTENT + FIX_COMMITS + FIX_RECORDS);
        break;
    case 2:
        put(one + 4, 8, draw_value(&state));
        break;
    case 3:
        put(one + 2, 2, draw(&state) % 64);
        break;
    case 4:
        draw_change(one, &state);
        break;
    case 5:
        if (changes == 1)
            break;
        memmove(one, data + size - CHANGE, CHANGE);
        return size - CHANGE;
    default:
        if (size + CHANGE > room)
            break;
        draw_change(data + size, &state);
        return size + CHANGE;
    }
    return size;
}

/* --- reading --- */

static void read_state(ms_results *results, size_t block)
{
    ms_error error = {0};
    ms_saved_state saved;
    bool torn;
    size_t size = ms_results_state_size(results, block);
    void *state = malloc(size > 0 ? size : 1);
    HOLDS(state);
    if (ms_results_state_load(results, block, state, size, &saved, &torn, &error) == MS_OK)
        HOLDS(saved.size <= size && (saved.generation > 0) == (saved.size > 0) && saved.seconds >= 0);
    free(state);
}

static size_t read_block(ms_results *results, size_t block, ms_block_status expected)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_error error = {0};
    const ms_block_results *slot;
    char reason[MS_FAILURE_MAX];
    bool torn;
    if (ms_results_read_block(results, block, &slot, &torn, &error) != MS_OK)
        return 0;
    HOLDS(slot->status == expected && !(torn && slot->status != MS_BLOCK_NOT_DONE));
    HOLDS(slot->chains == ms_results_block(results, block).chains && slot->chains <= info->block_chains);
    HOLDS(ms_block_results_same(slot, slot));
    size_t done = slot->status == MS_BLOCK_DONE ? slot->chains : 0, times = info->rules * info->modes;
    const int64_t *time = ms_block_int64(slot, "discovery_time"),
                  *observed = ms_block_int64(slot, "observed");
    for (size_t c = 0; observed && c < done; c++) {
        HOLDS(observed[c] >= 0 && (uint64_t)observed[c] <= info->iterations);
        for (size_t i = 0; time && i < times; i++)
            HOLDS(time[c * times + i] >= MS_CENSORED && time[c * times + i] <= observed[c]);
    }
    if (ms_results_failure(results, block, reason, &error) == MS_OK)
        HOLDS(memchr(reason, '\0', sizeof reason) && ms_is_printable(reason));
    return done;
}

static size_t extent_of(const ms_results_info *info, ms_extent extent)
{
    switch (extent) {
    case MS_EXTENT_CHAIN:
        return info->chains;
    case MS_EXTENT_RULE:
        return info->rules;
    case MS_EXTENT_MODE:
        return info->modes;
    case MS_EXTENT_COMPONENT:
        return info->components;
    default:
        return info->snapshots;
    }
}

static void read_point(ms_results *results, size_t point, size_t expected)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_error error = {0};
    for (size_t i = 0; i < info->columns; i++) {
        size_t values = 1, chains;
        for (unsigned k = 0; k < info->column[i]->rank; k++)
            values *= extent_of(info, info->column[i]->extent[k]);
        uint64_t *value = calloc(values + 1, sizeof *value);
        HOLDS(value);
        if (ms_results_read_column(results, point, info->column[i]->name, value, &chains, &error) == MS_OK)
            HOLDS(chains == expected);
        free(value);
    }
}

static void read_all(ms_results *results)
{
    const ms_results_info *info = ms_results_get_info(results);
    ms_error error = {0};
    char last[MS_START_MAX];
    double seconds, lost;
    size_t block = 0;
    ms_block_status *status = calloc(info->blocks, sizeof *status);
    ms_attempt *attempts = calloc(info->blocks, sizeof *attempts);
    HOLDS(status && attempts && info->points >= 1 && info->blocks >= info->points && info->chains >= 1);
    HOLDS(ms_is_printable(info->name));
    if (ms_results_history(results, &seconds, &lost, last, sizeof last, &error) == MS_OK)
        HOLDS(seconds >= 0 && lost >= 0 && ms_is_printable(last));
    ms_results_attempts(results, attempts, &error);
    ms_inputs inputs;
    if (ms_results_inputs(results, &inputs, &error) == MS_OK)
        HOLDS(inputs.count <= MS_INPUTS_MAX && inputs.bytes <= MS_INPUTS_BYTES_MAX);
    ms_inputs_free(&inputs);
    bool good = ms_results_block_status(results, status, NULL, &error) == MS_OK;
    for (size_t point = 0; good && point < info->points; point++) {
        size_t done = 0;
        for (; block < info->blocks && ms_results_block(results, block).point == point; block++) {
            HOLDS(status[block] <= MS_BLOCK_QUARANTINED);
            done += read_block(results, block, status[block]);
            read_state(results, block);
        }
        read_point(results, point, done);
    }
    HOLDS(!good || block == info->blocks);
    free(status);
    free(attempts);
}

static void open_and_read(bool is_damaged)
{
    ms_error error = {0};
    ms_results *results = NULL;
    ms_status status = is_damaged ? ms_results_open_damaged(&results, path, &error)
                                  : ms_results_open(&results, path, &error);
    HOLDS((status == MS_OK) == (results != NULL));
    HOLDS(status == MS_OK || (error.message[0] && ms_is_printable(error.message)));
    if (results) {
        read_all(results);
        HOLDS(ms_results_close(results, &error) == MS_OK);
    }
}

/* With the sweep of the file, and with a larger one. */
static void compare(void)
{
    ms_error error = {0};
    ms_growth growth;
    const ms_sweep *const sweeps[] = {sweep, larger, smaller, another};
    for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++)
        if (ms_results_compare(path, sweeps[i], NULL, &growth, NULL, &error) == MS_OK)
            HOLDS(growth.points_new < sweeps[i]->point_count &&
                  growth.blocks_new <= 2 * ms_sweep_block_count(sweeps[i]));
}

/* What a job does to its file, but for results. */
static void write_attempts(void)
{
    ms_error error = {0};
    ms_results *results = NULL;
    ms_results_record_start(path, 1, 1, &error);
    ms_results_retry_quarantined(path, NULL, &error);
    if (ms_results_open_parallel(&results, path, sweep, MPI_COMM_SELF, &error) != MS_OK)
        return;
    for (size_t b = 0; b < ms_results_get_info(results)->blocks; b++) {
        ms_results_attempt_begin(results, b, &error);
        read_state(results, b);
        ms_results_attempt_progress(results, b, true, &error);
    }
    ms_results_close(results, &error);
}

/* New files from the damaged one; never of a sweep whose chains have more numbers, whatever its identity
 * says. */
static void remake(unsigned flags)
{
    char made[240];
    const ms_sweep *to = flags & FIX_SEAL ? another : larger;
    const char *const from[] = {path, path};
    ms_error error = {0};
    ms_merge_report report;
    snprintf(made, sizeof made, "%s.made", path);
    if (flags & DAMAGED) {
        HOLDS(ms_results_merge(made, to, from, 2, &report, NULL, &error) != MS_OK || to != another);
    } else {
        HOLDS(ms_results_repack(made, path, to, false, NULL, NULL, &error) != MS_OK || to != another);
        ms_status status = ms_results_grow(path, to, NULL, &error);
        HOLDS(status != MS_OK || to != another);
        if (status == MS_OK)
            open_and_read(false);
    }
    unlink(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char magic[] = "modeseek";
    unsigned flags = size > 0 ? data[0] : 0;
    if (size >= sizeof magic && memcmp(data, magic, sizeof magic - 1) == 0) {
        write_whole(path, data, size);
        flags = 0;
    } else {
        image file = apply(data, size);
        write_whole(path, file.bytes, file.size);
        free(file.bytes);
    }
    if (flags >= REMAKE)
        remake(flags);
    else if (flags >= WRITE)
        write_attempts();
    else if (flags >= COMPARE)
        compare();
    else
        open_and_read(flags & DAMAGED);
    return 0;
}
