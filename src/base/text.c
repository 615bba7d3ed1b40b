/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a character that begins with this one; 0 if none does. */
static size_t size_by_lead(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
}

/* How many bytes at the beginning could be those of the character that begins there. */
static size_t bytes_there(const char *text, size_t length)
{
    size_t i = 1;
    while (i < length && ((unsigned char)text[i] & 0xC0) == 0x80)
        i++;
    return i;
}

size_t ms_utf8_character(const char *text, size_t length, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = length > 0 ? size_by_lead((unsigned char)text[0]) : 0;
    if (size == 0 || size > length || bytes_there(text, size) < size)
        return 0;
    uint32_t value = size == 1 ? (unsigned char)text[0] : (unsigned char)text[0] & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++)
        value = value << 6 | ((unsigned char)text[i] & 0x3Fu);
    *code = value;
    return value < least[size] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0 : size;
}

static bool is_harmful(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E ||
           code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

bool ms_is_printable(const char *text)
{
    uint32_t code;
    for (size_t left = strlen(text), size; left > 0; text += size, left -= size) {
        size = ms_utf8_character(text, left, &code);
        if (size == 0 || is_harmful(code))
            return false;
    }
    return true;
}

void ms_make_printable(char *text)
{
    char *to = text;
    uint32_t code;
    for (size_t left = strlen(text), size; left > 0; text += size, left -= size) {
        size = ms_utf8_character(text, left, &code);
        if (size > 0 && !is_harmful(code)) {
            memmove(to, text, size);
            to += size;
            continue;
        }
        if (size == 0 && bytes_there(text, left) == left && left < size_by_lead((unsigned char)*text))
            break; /* cut by the end */
        *to++ = '?';
        size = size > 0 ? size : 1;
    }
    *to = '\0';
}

ms_printable ms_printable_copy(const char *text)
{
    ms_printable copy;
    snprintf(copy.text, sizeof copy.text, "%s", text);
    ms_make_printable(copy.text);
    return copy;
}

size_t ms_json_character(const char *text, size_t length, char json[MS_JSON_CHARACTER_MAX])
{
    uint32_t code;
    size_t size = ms_utf8_character(text, length, &code);
    if (size == 0)
        code = 0xFFFD;
    if (size == 0 || is_harmful(code) || code == '"' || code == '\\')
        snprintf(json, MS_JSON_CHARACTER_MAX, "\\u%04x", (unsigned)code & 0xFFFF);
    else
        snprintf(json, MS_JSON_CHARACTER_MAX, "%.*s", (int)size, text);
    return size > 0 ? size : 1;
}

void ms_format_number(double number, char *text, size_t size)
{
    if (isnan(number)) { /* printf may write its sign */
        snprintf(text, size, "nan");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, size, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}
