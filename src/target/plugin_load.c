/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads shared objects. They are never unloaded: one that has started threads, or has asked to be called at
 * the end of the program, does not survive that. */
#include "target/functions.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ms_status digest_file(const char *path, uint64_t *digest, ms_error *error)
{
    unsigned char bytes[1 << 16];
    ms_hash hash = ms_hash_init();
    struct stat about;
    ssize_t got = -1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its other end */
    if (file < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(errno));
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(file);
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: not a regular file; give a shared object", path);
    }
    uint64_t size = 0;
    while (size <= MS_PLUGIN_BYTES_MAX && (got = read(file, bytes, sizeof bytes)) > 0) {
        ms_hash_bytes(&hash, bytes, (size_t)got);
        size += (uint64_t)got;
    }
    int reason = errno;
    close(file);
    if (size > MS_PLUGIN_BYTES_MAX)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: larger than %u bytes, too large for a plugin",
                            path, (unsigned)MS_PLUGIN_BYTES_MAX);
    if (got < 0)
        return ms_error_set(error, MS_ERROR_IO, "plugin %s: %s", path, strerror(reason));
    *digest = ms_hash_value(&hash);
    return MS_OK;
}

ms_status ms_plugin_load(const char *path, const ms_plugin **table, uint64_t *digest, ms_error *error)
{
    char here[4096];
    int length = snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    if (path[0] == '\0' || length < 0 || (size_t)length >= sizeof here)
        return ms_error_set(error, MS_ERROR_IO, "plugin: a path of 1 to %zu bytes is needed",
                            sizeof here - 3);
    ms_status status = digest_file(here, digest, error);
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
