/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crate in the making. */
#ifndef MS_CRATE_PARTS_H
#define MS_CRATE_PARTS_H

#include "base/json.h"
#include "base/sha256.h"
#include "cli/crate.h"
#include "cli/crate_people.h"
#include "cli/unpack.h"

#define MS_CRATE_METADATA "ro-crate-metadata.json"

/* A file of the crate. */
typedef struct ms_crate_entry {
    char *name, *id; /* the id is the name as a URI has it */
    const char *description;
    const char *other_name; /* that the sweep has; or NULL */
    char sha256[MS_SHA256_TEXT];
    uint64_t size;
    bool is_input;
} ms_crate_entry;

typedef struct ms_crate {
    const ms_crate_params *params;
    const ms_monitor *monitor;
    ms_folder folder;
    ms_local_name *local;  /* [inputs] */
    ms_crate_entry *entry; /* [entries] */
    size_t entries, room;
    ms_person *people; /* [people_count] */
    size_t people_count;
    char (*start)[MS_START_MAX]; /* [starts] */
    size_t starts, blocks, done;
    uint64_t digest;
    char *name; /* of the sweep */
    ms_json json;
} ms_crate;

/* Describes the crate, whose other files are there, in its file of metadata. MS_ERROR_IO, MS_ERROR_MEMORY. */
ms_status ms_crate_describe(ms_crate *crate, ms_error *error);

#endif
