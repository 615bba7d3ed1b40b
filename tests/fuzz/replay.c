/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the place of libFuzzer: runs a fuzz target once over each file that is named, or is in a folder that
 * is named. A finding ends the process with a signal. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static size_t run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t size = 0, room = 0, got;
    HOLDS(file);
    do {
        if (size == room) {
            room = room > 0 ? 2 * room : 65536;
            uint8_t *grown = realloc(bytes, room);
            HOLDS(grown);
            bytes = grown;
        }
        got = fread(bytes + size, 1, room - size, file);
        size += got;
    } while (got > 0);
    fclose(file);
    /* a copy of its own size, so that sanitizers see a read behind it */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    HOLDS(exact);
    memcpy(exact, bytes, size);
    free(bytes);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

static size_t run_folder(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    HOLDS(stream);
    for (struct dirent *entry; (entry = readdir(stream));) {
        char path[4096];
        struct stat status;
        HOLDS(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            count += run_file(path);
    }
    closedir(stream);
    return count;
}

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        HOLDS(stat(argv[i], &status) == 0);
        count += S_ISDIR(status.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    printf("%zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
