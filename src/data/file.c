/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_ROOM ((size_t)65536) /* most files are far smaller than the limit */

/* Reads until the end, or `most` bytes; one more has room behind them. */
static ms_status read_up_to(int descriptor, size_t most, char **buffer, size_t *size)
{
    size_t room = most < FIRST_ROOM ? most : FIRST_ROOM;
    *buffer = malloc(room + 1);
    if (!*buffer)
        return MS_ERROR_MEMORY;
    for (*size = 0; *size < most;) {
        if (*size == room) {
            room = room < most / 2 ? 2 * room : most;
            char *grown = realloc(*buffer, room + 1);
            if (!grown)
                return MS_ERROR_MEMORY;
            *buffer = grown;
        }
        ssize_t now = read(descriptor, *buffer + *size, room - *size);
        if (now < 0 && errno != EINTR)
            return MS_ERROR_IO;
        if (now == 0)
            break;
        *size += now > 0 ? (size_t)now : 0;
    }
    return MS_OK;
}

static ms_status read_open(int descriptor, const char *path, size_t limit, char **text, size_t *length,
                           ms_diagnostics *diagnostics)
{
    struct stat info;
    bool is_known = fstat(descriptor, &info) == 0;
    if (is_known && !S_ISREG(info.st_mode)) {
        ms_diagnostics_add(diagnostics, path, 0, 0, "%s; give the path of a regular file",
                           S_ISDIR(info.st_mode) ? "it is a folder" : "it is not a regular file");
        return MS_ERROR_IO;
    }
    char *buffer = NULL;
    size_t size = is_known && (uintmax_t)info.st_size > limit ? limit + 1 : 0;
    ms_status status = size > limit ? MS_OK : read_up_to(descriptor, limit + 1, &buffer, &size);
    if (status == MS_ERROR_IO)
        ms_diagnostics_add(diagnostics, path, 0, 0, "cannot be read: %s", strerror(errno));
    if (status == MS_OK && size > limit) {
        ms_diagnostics_add(diagnostics, path, 0, 0, "larger than %zu bytes, the limit; is it the right file?",
                           limit);
        status = MS_ERROR_SWEEP;
    }
    if (status != MS_OK) {
        free(buffer);
        return status;
    }
    buffer[size] = '\0';
    *text = buffer;
    *length = size;
    return MS_OK;
}

ms_status ms_file_read(const char *path, size_t limit, char **text, size_t *length,
                       ms_diagnostics *diagnostics)
{
    *text = NULL;
    *length = 0;
    /* O_NONBLOCK: opening a FIFO must not wait for a writer */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        ms_diagnostics_add(diagnostics, path, 0, 0, "cannot be opened: %s; check the path", strerror(errno));
        return MS_ERROR_IO;
    }
    ms_status status = read_open(descriptor, path, limit, text, length, diagnostics);
    close(descriptor);
    return status;
}

ms_status ms_file_check_text(const char *where, const char *text, size_t length, ms_diagnostics *diagnostics)
{
    if (length == 0) {
        ms_diagnostics_add(diagnostics, where, 0, 0, "the file is empty; docs/sweep-file.md has an example");
        return MS_ERROR_SWEEP;
    }
    size_t line = 1, column = 1;
    for (size_t i = 0; i < length;) {
        uint32_t code = 0;
        size_t size = ms_utf8_character(text + i, length - i, &code);
        if (size == 0) {
            ms_diagnostics_add(diagnostics, where, line, column,
                               "not UTF-8 text (byte 0x%02X); is it the right file? Save it as UTF-8",
                               (unsigned)(unsigned char)text[i]);
            return MS_ERROR_SWEEP;
        }
        bool is_break = code == '\n' || code == '\r';
        if ((code < 0x20 && code != '\t' && !is_break) || (code >= 0x7F && code < 0xA0 && code != 0x85)) {
            ms_diagnostics_add(
                diagnostics, where, line, column,
                "a control character (0x%02X), so this is not a text file; is it the right file?",
                (unsigned)code);
            return MS_ERROR_SWEEP;
        }
        i += size;
        column++;
        if (code == '\n' || (code == '\r' && !(i < length && text[i] == '\n'))) {
            line++;
            column = 1;
        }
    }
    return MS_OK;
}

char *ms_file_beside(const char *beside, const char *name)
{
    const char *slash = name[0] == '/' ? NULL : strrchr(beside, '/');
    size_t folder = slash ? (size_t)(slash - beside) + 1 : 0;
    char *path = malloc(folder + strlen(name) + 1);
    if (path) {
        memcpy(path, beside, folder);
        memcpy(path + folder, name, strlen(name) + 1);
    }
    return path;
}
