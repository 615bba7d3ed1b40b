/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- writing */

void ms_json_line(ms_json *json, int indent)
{
    json->breaks = true;
    json->indent = indent;
}

/* Goes to where the next piece stands. */
static void go_on(ms_json *json, bool with_comma)
{
    if (with_comma)
        fputc(',', json->out);
    if (json->breaks)
        fprintf(json->out, "\n%*s", json->indent, "");
    else if (with_comma)
        fputc(' ', json->out);
    json->breaks = false;
}

static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (size_t left = strlen(text), used; left > 0; text += used, left -= used) {
        char json[MS_JSON_CHARACTER_MAX];
        used = ms_json_character(text, left, json);
        fputs(json, out);
    }
    fputc('"', out);
}

void ms_json_key(ms_json *json, const char *key)
{
    go_on(json, json->follows);
    json->follows = true;
    if (key) {
        write_string(json->out, key);
        fputs(": ", json->out);
    }
}

void ms_json_open(ms_json *json, const char *key, char bracket)
{
    ms_json_key(json, key);
    fputc(bracket, json->out);
    json->follows = false;
}

void ms_json_close(ms_json *json, char bracket)
{
    go_on(json, false);
    fputc(bracket, json->out);
    json->follows = true;
}

void ms_json_text(ms_json *json, const char *key, const char *text)
{
    ms_json_key(json, key);
    if (text)
        write_string(json->out, text);
    else
        fputs("null", json->out);
}

void ms_json_truth(ms_json *json, const char *key, bool truth)
{
    ms_json_key(json, key);
    fputs(truth ? "true" : "false", json->out);
}

void ms_json_count(ms_json *json, const char *key, uint64_t count)
{
    ms_json_key(json, key);
    fprintf(json->out, "%" PRIu64, count);
}

void ms_json_whole(ms_json *json, const char *key, int64_t number)
{
    ms_json_key(json, key);
    fprintf(json->out, "%" PRId64, number);
}

void ms_json_number(ms_json *json, const char *key, double number)
{
    char text[32];
    ms_format_number(number, text, sizeof text);
    ms_json_key(json, key);
    fputs(isfinite(number) ? text : "null", json->out);
}

/* --- reading */

#define DEPTH_MAX 64

typedef struct buffer {
    char *text;
    size_t size, length; /* a character that does not fit ends it */
    bool is_full;
} buffer;

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static void put(buffer *to, const char *bytes, size_t count)
{
    to->is_full = to->is_full || to->length + count >= to->size;
    if (!to->is_full) {
        memcpy(to->text + to->length, bytes, count);
        to->length += count;
    }
}

static void put_code(buffer *to, uint32_t code)
{
    char byte[4];
    if (code == 0 || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code < 0x80) {
        byte[0] = (char)code;
        put(to, byte, 1);
        return;
    }
    size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = count; i-- > 1; code >>= 6)
        byte[i] = (char)(0x80 | (code & 0x3F));
    byte[0] = (char)((0xF00 >> count) | code);
    put(to, byte, count);
}

/* The four digits at `at`; false if they are none. */
static bool read_digits(const char *at, uint32_t *code)
{
    char digits[5] = "", *end;
    snprintf(digits, sizeof digits, "%.4s", at);
    *code = (uint32_t)strtoul(digits, &end, 16);
    return strspn(digits, "0123456789abcdefABCDEF") == 4;
}

/* What stands behind a backslash; returns what follows, NULL if that is no JSON. */
static const char *read_escape(const char *at, buffer *to)
{
    static const char name[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    const char *found = *at ? strchr(name, *at) : NULL;
    uint32_t code, low;
    if (found) {
        put(to, &meaning[found - name], 1);
        return at + 1;
    }
    if (*at != 'u' || !read_digits(at + 1, &code))
        return NULL;
    at += 5;
    if (code >= 0xD800 && code < 0xDC00 && at[0] == '\\' && at[1] == 'u' && read_digits(at + 2, &low) &&
        low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    put_code(to, code);
    return at;
}

/* What follows the string; NULL if there is none, or it does not end. */
static const char *read_string(const char *at, buffer *to)
{
    if (*at++ != '"')
        return NULL;
    while (at && *at != '"') {
        if (!*at)
            return NULL;
        if (*at == '\\')
            at = read_escape(at + 1, to);
        else
            put(to, at++, 1);
    }
    return at ? at + 1 : NULL;
}

/* What follows the object or array, whose inside is only looked at for where it ends. */
static const char *skip_nested(const char *at)
{
    size_t depth = 0;
    do {
        buffer nothing = {.size = 0};
        if (*at == '"') {
            at = read_string(at, &nothing);
            if (!at)
                return NULL;
            continue;
        }
        if (!*at || (depth += *at == '{' || *at == '[') > DEPTH_MAX)
            return NULL;
        depth -= *at == '}' || *at == ']';
        at++;
    } while (depth > 0);
    return at;
}

static const char *read_value(const char *at, buffer *to)
{
    if (*at == '"')
        return read_string(at, to);
    if (*at == '{' || *at == '[') {
        const char *end = skip_nested(at);
        if (end)
            put(to, at, (size_t)(end - at));
        return end;
    }
    size_t length = strcspn(at, ",}] \t\r\n");
    if (length != 4 || strncmp(at, "null", 4) != 0)
        put(to, at, length);
    return length > 0 ? at + length : NULL;
}

bool ms_json_field(const char *object, const char *key, char *value, size_t size)
{
    char name[64];
    const char *at = skip_space(object);
    value[0] = '\0';
    if (*at++ != '{')
        return false;
    do {
        buffer to_name = {name, sizeof name, 0, false}, to_value = {value, size, 0, false};
        at = read_string(skip_space(at), &to_name);
        at = at ? skip_space(at) : NULL;
        if (!at || *at != ':')
            return false;
        name[to_name.length] = '\0';
        bool is_it = !to_name.is_full && strcmp(name, key) == 0;
        at = read_value(skip_space(at + 1), &to_value);
        value[at && is_it ? to_value.length : 0] = '\0';
        if (!at)
            return false;
        if (is_it) {
            ms_make_printable(value);
            return true;
        }
        at = skip_space(at);
    } while (*at++ == ',');
    return false;
}
