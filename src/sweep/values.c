/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single values of the sweep file, and messages about them. */
#include "data/number.h"
#include "sweep/schema.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ms_complain(ms_reader *reader, const ms_node *node, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (node && node->where)
        ms_diagnostics_add(reader->diagnostics, node->where, 0, 0, "%s", text);
    else
        ms_diagnostics_add(reader->diagnostics, reader->where, node ? node->line : 0, node ? node->column : 0,
                           "%s", text);
}

ms_shown ms_show(const ms_node *node)
{
    ms_shown shown = {""};
    size_t length = strlen(node->text), most = sizeof shown.text - 4;
    if (length <= most) {
        memcpy(shown.text, node->text, length + 1);
        return shown;
    }
    /* not in the midst of a character */
    while (most > 0 && ((unsigned char)node->text[most] & 0xC0) == 0x80)
        most--;
    memcpy(shown.text, node->text, most);
    memcpy(shown.text + most, "...", 4);
    return shown;
}

/* A plain scalar, as numbers and choices must be. */
static bool expect_plain(ms_reader *reader, const ms_node *node, const char *name, const char *what)
{
    if (node->type != MS_NODE_SCALAR)
        ms_complain(reader, node, "%s is a %s; give %s", name,
                    node->type == MS_NODE_LIST ? "list" : "mapping", what);
    else if (node->quoted)
        ms_complain(reader, node, "%s is quoted text; give %s, without quotes", name, what);
    else
        return true;
    return false;
}

bool ms_is_in_range(double number, double low, bool above_low, double high)
{
    return number >= low && number <= high && !(above_low && number <= low);
}

void ms_describe_range(double number, double low, bool above_low, double high, char *text, size_t size)
{
    if (number > high || low == -high)
        snprintf(text, size, "give a number %s %g %s %g", above_low ? "greater than" : "from", low,
                 above_low ? "and at most" : "to", high);
    else
        snprintf(text, size, "give a number %s %g", above_low ? "greater than" : "not less than", low);
}

bool ms_read_number(ms_reader *reader, const ms_node *node, const char *name, double low, bool above_low,
                    double high, double *value)
{
    double number;
    if (!expect_plain(reader, node, name, "a number"))
        return false;
    const char *wrong = ms_parse_number(node->text, &number);
    if (wrong) {
        ms_complain(reader, node, "%s is '%s': %s", name, ms_show(node).text, wrong);
        return false;
    }
    if (!ms_is_in_range(number, low, above_low, high)) {
        char advice[128];
        ms_describe_range(number, low, above_low, high, advice, sizeof advice);
        ms_complain(reader, node, "%s is %s; %s", name, ms_show(node).text, advice);
        return false;
    }
    *value = number + 0.0; /* no -0.0 */
    return true;
}

bool ms_read_count(ms_reader *reader, const ms_node *node, const char *name, uint64_t least, uint64_t most,
                   uint64_t *value)
{
    uint64_t count;
    if (!expect_plain(reader, node, name, "a whole number"))
        return false;
    const char *wrong = ms_parse_count(node->text, &count);
    if (wrong)
        ms_complain(reader, node, "%s is '%s': %s", name, ms_show(node).text, wrong);
    else if (count < least || count > most)
        ms_complain(reader, node, "%s is %s; give a whole number from %" PRIu64 " to %" PRIu64, name,
                    ms_show(node).text, least, most);
    else {
        *value = count;
        return true;
    }
    return false;
}

const ms_choice ms_bool_choices[] = {{"false", 0}, {"true", 1}, {NULL, 0}};

const char *ms_choice_name(const ms_choice *choices, unsigned value)
{
    while (choices->name && choices->value != value)
        choices++;
    return choices->name ? choices->name : "";
}

bool ms_is_slip(ms_reader *reader, const ms_node *node, const char *name, const char *const *words,
                size_t count)
{
    double number;
    bool is_word = node->type == MS_NODE_SCALAR && !node->quoted && ms_parse_number(node->text, &number);
    const char *meant = is_word ? ms_did_you_mean(node->text, words, count) : NULL;
    if (meant)
        ms_complain(reader, node, "%s is '%s'; did you mean '%s'?", name, ms_show(node).text, meant);
    return meant;
}

bool ms_read_choice(ms_reader *reader, const ms_node *node, const char *name, const ms_choice *choices,
                    unsigned *value)
{
    const char *names[MS_SCHEMA_FIELDS_MAX];
    char list[256] = "";
    size_t count = 0;
    for (; choices[count].name; count++) {
        names[count] = choices[count].name;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s",
                 count == 0                ? ""
                 : choices[count + 1].name ? ", "
                                           : " or ",
                 names[count]);
    }
    if (!expect_plain(reader, node, name, list))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], node->text) == 0) {
            *value = choices[i].value;
            return true;
        }
    if (!ms_is_slip(reader, node, name, names, count))
        ms_complain(reader, node, "%s is '%s'; give %s", name, ms_show(node).text, list);
    return false;
}

bool ms_read_numbers(ms_reader *reader, const ms_node *node, const char *name, double low, bool above_low,
                     double high, double **values, size_t *count)
{
    *values = NULL;
    *count = 0;
    if (node->type != MS_NODE_LIST || node->count == 0) {
        ms_complain(reader, node, "%s must be a list of one or more numbers, as [1, -1]", name);
        return false;
    }
    double *numbers = calloc(node->count, sizeof *numbers);
    if (!numbers) {
        reader->out_of_memory = true;
        return false;
    }
    bool good = true;
    size_t i = 0;
    for (const ms_node *child = node->first; child; child = child->next)
        good &= ms_read_number(reader, child, name, low, above_low, high, &numbers[i++]);
    if (!good) {
        free(numbers);
        return false;
    }
    *values = numbers;
    *count = node->count;
    return true;
}
