/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_CRATE_PEOPLE_H
#define MS_CRATE_PEOPLE_H

#include <modeseek/status.h>
#include <stddef.h>

typedef struct ms_person {
    char id[64]; /* "https://orcid.org/0000-0002-1825-0097", "#author-1" */
    char name[200];
} ms_person;

#define MS_PEOPLE_MAX 100

/* Reads "NAME <ORCID>; NAME; ..." (NULL: nobody). @param people out [MS_PEOPLE_MAX] */
ms_status ms_people_read(const char *text, ms_person *people, size_t *count, ms_error *error);

#endif
