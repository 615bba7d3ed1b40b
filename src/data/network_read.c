/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/network_read.h"

#include "data/data_set_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME(name, a, b, c) #name,
static const char *const names[] = {MS_NETWORK_ARRAYS(NAME)};

void ms_network_free(ms_network *network)
{
    for (size_t i = 0; network && i < MS_NETWORK_ARRAY_COUNT; i++)
        free(network->array[i]);
    free(network);
}

static ms_status refuse(ms_diagnostics *diagnostics, const char *path, const char *name, const char *what)
{
    ms_diagnostics_add(diagnostics, path, 0, 0, "%s %s; `modeseek train` writes files of weights", name,
                       what);
    return MS_ERROR_SWEEP;
}

/* The first extents of one array. */
static ms_status find_extents(const char *path, const char *name, size_t rank, size_t *const extent[],
                              ms_diagnostics *diagnostics)
{
    ms_array array;
    ms_status status = ms_array_read_hdf5(&array, path, name, diagnostics);
    free(array.value);
    if (status != MS_OK)
        return status;
    if (array.rank < rank)
        return refuse(diagnostics, path, name, "has fewer extents than it must have");
    for (size_t i = 0; i < rank; i++) {
        if (array.extent[i] > MS_NETWORK_SIZE_MAX)
            return refuse(diagnostics, path, name, "is larger than 8192, the limit, in one direction");
        *extent[i] = array.extent[i];
    }
    return MS_OK;
}

/* All sizes follow from the extents of a few arrays. */
static ms_status find_sizes(ms_network *n, const char *path, ms_diagnostics *diagnostics)
{
    size_t gates = 0;
    ms_status status =
        find_extents(path, "basis", 2, (size_t *const[]){&n->patches, &n->patch_size}, diagnostics);
    if (status == MS_OK)
        status = find_extents(path, "block_1", 2, (size_t *const[]){&n->blocks, &n->width}, diagnostics);
    if (status == MS_OK)
        status = find_extents(path, "frequencies", 1, (size_t *const[]){&n->frequencies}, diagnostics);
    if (status == MS_OK)
        status = find_extents(path, "noise", 1, (size_t *const[]){&n->noise_width}, diagnostics);
    if (status == MS_OK && n->patches > 1) /* else there is nothing before a patch */
        status = find_extents(path, "lstm_h", 2, (size_t *const[]){&gates, &n->states}, diagnostics);
    n->dimension = n->patches * n->patch_size;
    return status;
}

static bool has_shape(const ms_array *array, const size_t extent[3])
{
    for (size_t i = 0; i < 3; i++)
        if ((i < array->rank ? array->extent[i] : 1) != extent[i])
            return false;
    return true;
}

static ms_status read_array(ms_network *n, size_t number, const size_t extent[3], const char *path,
                            ms_diagnostics *diagnostics)
{
    ms_array array;
    if (extent[0] == 0)
        return MS_OK;
    ms_status status = ms_array_read_hdf5(&array, path, names[number], diagnostics);
    if (status != MS_OK)
        return status;
    n->array[number] = array.value;
    if (!has_shape(&array, extent))
        return refuse(diagnostics, path, names[number], "has another shape than the other arrays ask for");
    float least = number == MS_NETWORK_variance ? 0 : -MS_NETWORK_NUMBER_MAX;
    for (size_t i = 0; i < array.count; i++)
        if (!(array.value[i] >= least && array.value[i] <= MS_NETWORK_NUMBER_MAX))
            return refuse(diagnostics, path, names[number],
                          "holds a number that is not finite, or larger than 1e6, or a variance below 0");
    n->digest = ms_digest_words(array.value, array.count * sizeof *array.value, n->digest);
    return MS_OK;
}

static ms_status read_all(ms_network *n, const char *path, ms_diagnostics *diagnostics)
{
    ms_status status = find_sizes(n, path, diagnostics);
    const uint64_t sizes[] = {n->patches,     n->patch_size,  n->width, n->blocks,
                              n->frequencies, n->noise_width, n->states};
#define EXTENTS(name, a, b, c) {a, b, c},
    const size_t extent[][3] = {MS_NETWORK_ARRAYS(EXTENTS)};
    n->digest = ms_digest_words(sizes, sizeof sizes, MS_DIGEST_BEGIN);
    for (size_t i = 0; i < MS_NETWORK_ARRAY_COUNT && status == MS_OK; i++)
        status = read_array(n, i, extent[i], path, diagnostics);
    return status;
}

ms_status ms_network_read(ms_network **network, const char *path, ms_diagnostics *diagnostics)
{
    ms_network *made = calloc(1, sizeof *made);
    ms_status status = made ? read_all(made, path, diagnostics) : MS_ERROR_MEMORY;
    *network = status == MS_OK ? made : NULL;
    if (status != MS_OK)
        ms_network_free(made);
    return status;
}
