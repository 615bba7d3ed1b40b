/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from files, from the environment and from the command line, on its way to people and to programs. */
#ifndef MS_TEXT_H
#define MS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed UTF-8 character (RFC 3629) at the beginning of `text`, which has `length` bytes;
 * 0 if there is none. */
size_t ms_utf8_character(const char *text, size_t length, uint32_t *code);

/* Whether the text is UTF-8 without what could steer a terminal or deceive its reader: control characters
 * (C0, DEL, C1; line breaks and tabs, too), marks of the direction of writing, separators of lines. */
bool ms_is_printable(const char *text);

/* Makes it so in place: a '?' for each such character, and for each byte that belongs to none. A character
 * that the end of the text has cut is dropped. */
void ms_make_printable(char *text);

/* A printable copy of a path or a name, cut if it is very long. */
typedef struct ms_printable {
    char text[4096];
} ms_printable;
ms_printable ms_printable_copy(const char *text);

/* The shortest decimal that reads back as `number`. */
void ms_format_number(double number, char *text, size_t size);

#define MS_JSON_CHARACTER_MAX 7 /* bytes, NUL included */

/* The character at the beginning of `text`, which has `length` bytes (at least 1), as it is written within a
 * string of JSON, printable in any case; U+FFFD for a byte that belongs to none. Returns the bytes that it
 * stands for. */
size_t ms_json_character(const char *text, size_t length, char json[MS_JSON_CHARACTER_MAX]);

#endif
