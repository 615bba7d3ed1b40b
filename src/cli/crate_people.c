/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/crate_people.h"

#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ORCID_URL "https://orcid.org/"

/* 0000-0002-1825-0097: its last character is a check digit (ISO 7064, MOD 11-2). */
static bool is_orcid(const char *text)
{
    unsigned total = 0;
    if (strlen(text) != 19)
        return false;
    for (size_t i = 0; i < 18; i++) {
        if (i % 5 == 4 ? text[i] != '-' : !isdigit((unsigned char)text[i]))
            return false;
        if (i % 5 != 4)
            total = (total + (unsigned)(text[i] - '0')) * 2;
    }
    unsigned check = (12 - total % 11) % 11;
    return text[18] == (check == 10 ? 'X' : (char)('0' + check));
}

/* [begin, end) without blanks around it. */
static size_t trim(const char **begin, const char *end)
{
    while (*begin < end && isspace((unsigned char)**begin))
        ++*begin;
    while (end > *begin && isspace((unsigned char)end[-1]))
        end--;
    return (size_t)(end - *begin);
}

static ms_status read_person(const char *begin, const char *end, size_t number, ms_person *person,
                             ms_error *error)
{
    const char *open = memchr(begin, '<', (size_t)(end - begin)), *name = begin;
    size_t length = trim(&name, open ? open : end);
    if (length == 0 || length >= sizeof person->name)
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--author: '%.*s' has no name, or a very long one; give \"NAME <ORCID>\"",
                            (int)(end - begin), begin);
    snprintf(person->name, sizeof person->name, "%.*s", (int)length, name);
    snprintf(person->id, sizeof person->id, "#author-%zu", number);
    if (!open)
        return MS_OK;
    char orcid[20] = "";
    const char *close = memchr(open, '>', (size_t)(end - open)), *id = open + 1;
    length = close ? trim(&id, close) : 0;
    if (length > strlen(ORCID_URL) && strncmp(id, ORCID_URL, strlen(ORCID_URL)) == 0) {
        id += strlen(ORCID_URL);
        length -= strlen(ORCID_URL);
    }
    if (length < sizeof orcid)
        snprintf(orcid, sizeof orcid, "%.*s", (int)length, id);
    if (!is_orcid(orcid))
        return ms_error_set(error, MS_ERROR_USAGE, "--author: '%.*s' has no ORCID iD within < and >",
                            (int)(end - begin), begin);
    snprintf(person->id, sizeof person->id, ORCID_URL "%s", orcid);
    return MS_OK;
}

ms_status ms_people_read(const char *text, ms_person *people, size_t *count, ms_error *error)
{
    ms_status status = MS_OK;
    *count = 0;
    if (text && !ms_is_printable(text))
        return ms_error_set(error, MS_ERROR_USAGE, "--author: the name has control characters");
    for (const char *at = text; status == MS_OK && at && *at; at += *at == ';') {
        size_t length = strcspn(at, ";");
        if (*count == MS_PEOPLE_MAX)
            return ms_error_set(error, MS_ERROR_USAGE, "--author: more than %d people", MS_PEOPLE_MAX);
        status = read_person(at, at + length, *count + 1, &people[*count], error);
        for (size_t i = 0; status == MS_OK && i < *count; i++)
            if (strcmp(people[i].id, people[*count].id) == 0)
                status = ms_error_set(error, MS_ERROR_USAGE, "--author: %s is given twice", people[i].id);
        ++*count;
        at += length;
    }
    return status;
}
