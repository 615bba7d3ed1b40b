/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads shared objects. They are never unloaded: one that has started threads, or has asked to be called at
 * the end of the program, does not survive that. */
#include "target/functions.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the file has all the bytes that its head promises: one that was cut off, or is still being written,
 * would end the program with SIGBUS when it is loaded. */
static bool is_whole(int file, uint64_t size)
{
    ElfW(Ehdr) head;
    if (pread(file, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
        return false;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) part;
        uint64_t at = (uint64_t)head.e_phoff + (uint64_t)i * sizeof part;
        if (at > size || pread(file, &part, sizeof part, (off_t)at) != (ssize_t)sizeof part)
            return false;
        if (part.p_offset > size || part.p_filesz > size - part.p_offset)
            return false;
    }
    return true;
}

static ms_status digest_bytes(int file, const char *path, uint64_t *digest, uint64_t *size, ms_error *error)
{
    unsigned char bytes[1 << 16];
    ms_hash hash = ms_hash_init();
    ssize_t got = -1;
    *size = 0;
    while (*size <= MS_PLUGIN_BYTES_MAX && (got = read(file, bytes, sizeof bytes)) > 0) {
        ms_hash_bytes(&hash, bytes, (size_t)got);
        *size += (uint64_t)got;
    }
    if (got < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(errno));
    if (*size > MS_PLUGIN_BYTES_MAX)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: larger than %u bytes, too large for a plugin",
                            path, (unsigned)MS_PLUGIN_BYTES_MAX);
    *digest = ms_hash_value(&hash);
    return MS_OK;
}

static ms_status look_at(const char *path, uint64_t *digest, ms_error *error)
{
    struct stat about;
    uint64_t size;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its other end */
    if (file < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(errno));
    ms_status status = MS_OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        status =
            ms_error_set(error, MS_ERROR_IO, "plugin %s: not a regular file; give a shared object", path);
    if (status == MS_OK)
        status = digest_bytes(file, path, digest, &size, error);
    if (status == MS_OK && !is_whole(file, size))
        status = ms_error_set(error, MS_ERROR_IO, "plugin %s: not a shared object, or not all of one", path);
    close(file);
    return status;
}

ms_status ms_plugin_load(const char *path, const ms_plugin **table, uint64_t *digest, ms_error *error)
{
    char here[4096];
    int length = snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    if (path[0] == '\0' || length < 0 || (size_t)length >= sizeof here)
        return ms_error_set(error, MS_ERROR_IO, "plugin: a path of 1 to %zu bytes is needed",
                            sizeof here - 3);
    ms_status status = look_at(here, digest, error);
    if (status != MS_OK)
        return status;
    void *object = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    if (!object) { /* its message names the file */
        const char *reason = dlerror();
        return ms_error_set(error, MS_ERROR_IO, "plugin %s", reason ? reason : path);
    }
    const ms_plugin *(*entry)(void);
    void *symbol = dlsym(object, "modeseek_plugin");
    if (!symbol)
        return ms_error_set(
            error, MS_ERROR_ARGUMENT,
            "plugin %s: exports no modeseek_plugin; declare it as in modeseek/plugin.h, and in "
            "C++ extern \"C\"",
            path);
    memcpy(&entry, &symbol, sizeof entry);
    *table = entry();
    if (!*table)
        return ms_error_set(error, MS_ERROR_ARGUMENT, "plugin %s: modeseek_plugin returns NULL, no table",
                            path);
    return MS_OK;
}
