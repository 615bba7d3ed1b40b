/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IDX: two zero bytes, the type of the numbers, how many extents there are, these as big-endian words of 32
 * bits, the numbers. */
#include "data/data_set_read.h"

#include "data/file.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { IDX_BYTE = 0x08, IDX_FLOAT = 0x0D, IDX_DOUBLE = 0x0E };

typedef struct bytes {
    unsigned char *at;
    size_t size;
} bytes;

static ms_status refuse(ms_diagnostics *diagnostics, const char *path, const char *what)
{
    ms_diagnostics_add(diagnostics, path, 0, 0, "%s", what);
    return MS_ERROR_SWEEP;
}

static uint32_t word_of(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Doubles the room; false: there is no more memory. */
static bool grow(bytes *to, size_t *room)
{
    size_t larger = *room < MS_DATA_BYTES_LIMIT / 2 ? 2 * *room : MS_DATA_BYTES_LIMIT + 1;
    unsigned char *grown = realloc(to->at, larger);
    if (!grown)
        return false;
    to->at = grown;
    *room = larger;
    return true;
}

/* Unpacks into `to`, whose size may come to one more than the limit. */
static ms_status inflate_all(z_stream *stream, bytes *to)
{
    size_t room = 1 << 16;
    to->at = malloc(room);
    for (int code = Z_OK; code != Z_STREAM_END && to->size <= MS_DATA_BYTES_LIMIT;) {
        if (!to->at || (to->size == room && !grow(to, &room)))
            return MS_ERROR_MEMORY;
        stream->next_out = to->at + to->size;
        stream->avail_out = (uInt)(room - to->size);
        code = inflate(stream, Z_NO_FLUSH);
        to->size = room - stream->avail_out;
        if (code != Z_OK && code != Z_STREAM_END)
            return code == Z_MEM_ERROR ? MS_ERROR_MEMORY : MS_ERROR_SWEEP;
    }
    return MS_OK;
}

/* What a gzip file holds in place of its bytes. */
static ms_status unpack(bytes *file, const char *path, ms_diagnostics *diagnostics)
{
    enum { WINDOW = 15, GZIP_ALONE = 16 };
    z_stream stream = {.next_in = file->at, .avail_in = (uInt)file->size};
    bytes unpacked = {NULL, 0};
    if (inflateInit2(&stream, WINDOW + GZIP_ALONE) != Z_OK)
        return MS_ERROR_MEMORY;
    ms_status status = inflate_all(&stream, &unpacked);
    if (status == MS_ERROR_SWEEP)
        refuse(diagnostics, path, "cannot be unpacked; is the file damaged or truncated?");
    else if (status == MS_OK && unpacked.size > MS_DATA_BYTES_LIMIT)
        status = refuse(diagnostics, path, "is larger than 2^28 bytes when unpacked, the limit");
    else if (status == MS_OK && stream.avail_in > 0)
        status = refuse(diagnostics, path, "goes on behind what was packed; is the file damaged?");
    inflateEnd(&stream);
    free(file->at);
    *file = unpacked;
    return status;
}

/* The extents, and how many bytes a number has. */
static ms_status read_head(ms_array *array, const bytes *file, size_t *width, const char *path,
                           ms_diagnostics *diagnostics)
{
    if (file->size < 8 || file->at[0] != 0 || file->at[1] != 0)
        return refuse(diagnostics, path, "is no IDX file; is it the right one?");
    unsigned type = file->at[2];
    array->rank = file->at[3];
    *width = type == IDX_BYTE ? 1 : type == IDX_FLOAT ? 4 : type == IDX_DOUBLE ? 8 : 0;
    if (*width == 0)
        return refuse(diagnostics, path, "holds numbers of another type than unsigned bytes and floats");
    if (array->rank < 1 || array->rank > 4 || file->size < 4 + 4 * array->rank)
        return refuse(diagnostics, path, "does not have 1 to 4 extents; is it the right file?");
    array->count = 1;
    for (size_t i = 0; i < array->rank; i++) {
        array->extent[i] = word_of(file->at + 4 + 4 * i);
        if (array->extent[i] == 0 || array->extent[i] > MS_DATA_NUMBERS_LIMIT / array->count)
            return refuse(diagnostics, path, "holds no numbers, or more than 2^28, the limit");
        array->count *= array->extent[i];
    }
    if (file->size != 4 + 4 * array->rank + array->count * *width)
        return refuse(diagnostics, path,
                      "is shorter or longer than its extents say; is the file damaged or truncated?");
    return MS_OK;
}

static float number_at(const unsigned char *at, size_t width, bool whole)
{
    if (width == 1)
        return whole ? (float)*at : (float)*at / 255;
    uint32_t bits = word_of(at);
    float single;
    memcpy(&single, &bits, sizeof single);
    if (width == 4)
        return single;
    uint64_t long_bits = (uint64_t)bits << 32 | word_of(at + 4);
    double value;
    memcpy(&value, &long_bits, sizeof value);
    return (float)value;
}

static ms_status read_numbers(ms_array *array, const bytes *file, bool whole, const char *path,
                              ms_diagnostics *diagnostics)
{
    size_t width;
    ms_status status = read_head(array, file, &width, path, diagnostics);
    if (status != MS_OK)
        return status;
    array->value = malloc(array->count * sizeof *array->value);
    for (size_t i = 0; array->value && i < array->count; i++)
        array->value[i] = number_at(file->at + 4 + 4 * array->rank + i * width, width, whole);
    return array->value ? MS_OK : MS_ERROR_MEMORY;
}

ms_status ms_array_read_idx(ms_array *array, const char *path, bool whole, ms_diagnostics *diagnostics)
{
    char *text;
    bytes file = {NULL, 0};
    *array = (ms_array){.value = NULL};
    ms_status status = ms_file_read(path, MS_DATA_BYTES_LIMIT, &text, &file.size, diagnostics);
    file.at = (unsigned char *)text;
    if (status == MS_OK && file.size > 2 && file.at[0] == 0x1F && file.at[1] == 0x8B)
        status = unpack(&file, path, diagnostics);
    if (status == MS_OK)
        status = read_numbers(array, &file, whole, path, diagnostics);
    free(file.at);
    return status;
}
