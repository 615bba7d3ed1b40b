/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target/data_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct matrix {
    double *data;
    size_t count, capacity, rows, columns;
} matrix;

/* The file as one text; the caller frees it. */
static ms_status read_all(const char *path, char **text, size_t *size, ms_error *error)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its other end */
    *text = NULL;
    if (file < 0)
        return ms_error_set(error, MS_ERROR_IO, "%s: %s", path, strerror(errno));
    ms_status status = MS_OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        status = ms_error_set(error, MS_ERROR_IO, "%s: not a regular file; give a table of numbers", path);
    else if ((uintmax_t)about.st_size > MS_DATA_BYTES_MAX)
        status = ms_error_set(error, MS_ERROR_IO, "%s: larger than %zu bytes, too large for data", path,
                              MS_DATA_BYTES_MAX);
    else if (!(*text = malloc((size_t)about.st_size + 1)))
        status = ms_error_set(error, MS_ERROR_MEMORY, "%s: out of memory", path);
    for (*size = 0; status == MS_OK && *size < (size_t)about.st_size;) {
        ssize_t got = read(file, *text + *size, (size_t)about.st_size - *size);
        if (got < 0)
            status = ms_error_set(error, MS_ERROR_IO, "%s: %s", path, strerror(errno));
        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    close(file);
    if (status == MS_OK)
        (*text)[*size] = '\0';
    return status;
}

static bool append(matrix *m, double value)
{
    if (m->count == m->capacity) {
        size_t capacity = m->capacity > 0 ? 2 * m->capacity : 1024;
        double *grown = realloc(m->data, capacity * sizeof *grown);
        if (!grown)
            return false;
        m->data = grown;
        m->capacity = capacity;
    }
    m->data[m->count++] = value;
    return true;
}

/* One line, without its end. */
static ms_status read_line(matrix *m, const char *path, size_t number, char *line, ms_error *error)
{
    size_t before = m->count;
    char *at = line + strspn(line, " \t\r");
    if (*at == '\0' || *at == '#')
        return MS_OK;
    while (*at != '\0') {
        char *end;
        double value = strtod(at, &end);
        if (end == at && number == 1 && m->count == before)
            return MS_OK; /* names */
        if (end == at || !strchr(" \t\r,", *end) || !isfinite(value))
            return ms_error_set(error, MS_ERROR_ARGUMENT, "%s:%zu: '%.20s' is not a finite number", path,
                                number, at);
        if (!append(m, value))
            return ms_error_set(error, MS_ERROR_MEMORY, "%s: out of memory", path);
        at = end + strspn(end, " \t\r");
        if (*at != ',')
            continue;
        at += 1 + strspn(at + 1, " \t\r");
        if (*at == '\0')
            return ms_error_set(error, MS_ERROR_ARGUMENT, "%s:%zu: ends with a comma", path, number);
    }
    if (m->rows++ == 0)
        m->columns = m->count - before;
    if (m->count - before != m->columns)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "%s:%zu: has %zu numbers, but the first row has %zu",
                            path, number, m->count - before, m->columns);
    return MS_OK;
}

ms_status ms_data_file_read(const char *path, double **data, size_t *rows, size_t *columns, ms_error *error)
{
    matrix m = {0};
    char *text;
    size_t size = 0;
    ms_status status = read_all(path, &text, &size, error);
    *data = NULL;
    if (status == MS_OK && memchr(text, '\0', size))
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "%s: not a text file; give a table of numbers", path);
    size_t number = 1;
    for (char *line = text; status == MS_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        status = read_line(&m, path, number, line, error);
        line = end ? end + 1 : NULL;
    }
    free(text);
    if (status == MS_OK && m.rows == 0)
        status = ms_error_set(error, MS_ERROR_ARGUMENT, "%s: has no numbers", path);
    if (status != MS_OK) {
        free(m.data);
        return status;
    }
    *data = m.data;
    *rows = m.rows;
    *columns = m.columns;
    return MS_OK;
}
