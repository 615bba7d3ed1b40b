/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "base/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t ms_command_option_count(const ms_command *command)
{
    size_t count = 0;
    while (count < MS_OPTIONS_MAX && command->option[count].name)
        count++;
    return count;
}

size_t ms_command_kind_count(const ms_command *command)
{
    size_t count = 0;
    while (command->kind && command->kind[count].name)
        count++;
    return count;
}

static ms_status unknown_option(const ms_command *command, const char *word, ms_error *error)
{
    const char *name[MS_OPTIONS_MAX + 1];
    size_t count = ms_command_option_count(command), letters = strspn(word, "-");
    for (size_t i = 0; i < count; i++)
        name[i] = command->option[i].name;
    name[count] = "help";
    const char *meant = letters == 2 ? ms_did_you_mean(word + letters, name, count + 1) : NULL;
    return ms_error_set(error, MS_ERROR_USAGE, "%s: unknown option %s%s%s%s; see modeseek %s --help",
                        command->name, word, meant ? "; did you mean --" : "", meant ? meant : "",
                        meant ? "?" : "", command->name);
}

const ms_option *ms_command_option(const ms_command *command, const char *word, const char **value)
{
    *value = NULL;
    size_t count = ms_command_option_count(command);
    if (word[1] == '-') {
        size_t length = strcspn(word + 2, "=");
        for (size_t i = 0; i < count; i++) {
            const ms_option *option = &command->option[i];
            if (strlen(option->name) != length || strncmp(option->name, word + 2, length) != 0)
                continue;
            if (word[2 + length] == '=')
                *value = word + 2 + length + 1;
            return option;
        }
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const ms_option *option = &command->option[i];
        if (!option->letter || option->letter != word[1] || (word[2] && !option->value))
            continue;
        if (word[2])
            *value = word + 2;
        return option;
    }
    return NULL;
}

static ms_status parse_option(const ms_command *command, int count, char **words, int *index,
                              ms_arguments *arguments, ms_error *error)
{
    const char *value;
    const ms_option *option = ms_command_option(command, words[*index], &value);
    if (!option)
        return unknown_option(command, words[*index], error);
    if (!option->value && value)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s takes no value", command->name, option->name);
    if (option->value && !value) {
        if (*index + 1 >= count)
            return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s needs %s", command->name, option->name,
                                option->value);
        value = words[++*index];
    }
    if (option->value && !*value)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s needs %s, not an empty value", command->name,
                            option->name, option->value);
    if (command->repeatable && strcmp(command->repeatable, option->name) == 0) {
        if (arguments->repeated_count == MS_REPEATED_MAX)
            return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s is given more than %d times", command->name,
                                option->name, MS_REPEATED_MAX);
        arguments->repeated[arguments->repeated_count++] = value;
        return MS_OK;
    }
    const char **place = &arguments->value[option - command->option];
    if (*place && option->value)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s is given twice", command->name, option->name);
    *place = value ? value : "";
    size_t choice;
    const char *const *choices = command->choices[option - command->option];
    return choices ? ms_choose(option->name, value, choices, 0, &choice, error) : MS_OK;
}

static bool ends_with(const char *word, const char *end)
{
    size_t length = strlen(word), end_length = strlen(end);
    return length > end_length && strcmp(word + length - end_length, end) == 0;
}

static bool is_yaml(const char *word)
{
    return ends_with(word, ".yaml") || ends_with(word, ".yml");
}

static ms_status swapped(const ms_command *command, const char *sweep, const char *results, ms_error *error)
{
    return ms_error_set(error, MS_ERROR_USAGE, "%s: the sweep comes first; did you mean %s -o %s?",
                        command->name, sweep, results);
}

/* A sweep and its results in each other's place, as far as their names tell. */
static bool are_swapped(const ms_command *command, const char *operand, const char *results)
{
    return strcmp(command->operand, "SWEEP") == 0 && ends_with(operand, ".h5") && is_yaml(results);
}

static ms_status one_too_many(const ms_command *command, const ms_arguments *arguments, const char *word,
                              ms_error *error)
{
    const ms_option *output = NULL;
    for (size_t i = 0; i < ms_command_option_count(command); i++)
        if (command->option[i].letter == 'o' && !arguments->value[i])
            output = &command->option[i];
    if (output && are_swapped(command, arguments->operand, word))
        return swapped(command, word, arguments->operand, error);
    bool is_output = output && ends_with(word, ".h5");
    const char *name = command->operand + (command->operand[0] == '[');
    return ms_error_set(error, MS_ERROR_USAGE, "%s: takes one %.*s at a time; %s is one too many%s%s%s",
                        command->name, (int)strcspn(name, "]"), name, word,
                        is_output ? "; did you mean -o " : "", is_output ? word : "", is_output ? "?" : "");
}

static ms_status check_order(const ms_command *command, const ms_arguments *arguments, ms_error *error)
{
    for (size_t i = 0; i < ms_command_option_count(command); i++) {
        const char *out = command->option[i].letter == 'o' ? arguments->value[i] : NULL;
        if (out && are_swapped(command, arguments->operand, out))
            return swapped(command, out, arguments->operand, error);
    }
    return MS_OK;
}

static ms_status check_kind(const ms_command *command, const ms_arguments *arguments, ms_error *error)
{
    const char **name = calloc(ms_command_kind_count(command) + 1, sizeof *name), *swapped = NULL;
    if (!name)
        return ms_error_set(error, MS_ERROR_MEMORY, "out of memory");
    size_t count = ms_command_kind_count(command);
    bool is_known = false;
    for (size_t i = 0; i < count; i++) {
        name[i] = command->kind[i].name;
        is_known = is_known || strcmp(name[i], arguments->operand) == 0;
        for (size_t j = 0; j < arguments->more_count; j++)
            if (strcmp(name[i], arguments->more[j]) == 0)
                swapped = name[i];
    }
    const char *meant = ms_did_you_mean(arguments->operand, name, count);
    free(name);
    if (is_known)
        return MS_OK;
    if (swapped)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: the kind comes first; did you mean %s %s %s?",
                            command->name, command->name, swapped, arguments->operand);
    if (ends_with(arguments->operand, ".h5"))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "%s: the kind is missing, as in %s %s %s; see modeseek %s --help", command->name,
                            command->name, command->kind[0].name, arguments->operand, command->name);
    return ms_error_set(error, MS_ERROR_USAGE, "%s: unknown kind %s%s%s%s; see modeseek %s --help",
                        command->name, arguments->operand, meant ? "; did you mean " : "", meant ? meant : "",
                        meant ? "?" : "", command->name);
}

static ms_status check_complete(const ms_command *command, const ms_arguments *arguments, ms_error *error)
{
    if (!arguments->operand && command->operand[0] == '[')
        return MS_OK;
    if (command->kind && arguments->operand && *arguments->operand) {
        ms_status status = check_kind(command, arguments, error);
        if (status != MS_OK)
            return status;
    }
    const char *missing = command->operand, *blank = strchr(missing, ' ');
    if (arguments->operand && *arguments->operand && blank)
        missing = blank + 1;
    if (!arguments->operand || !*arguments->operand || arguments->more_count < command->more_least)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: %s is missing; see modeseek %s --help", command->name,
                            missing, command->name);
    for (size_t i = 0; i < ms_command_option_count(command); i++)
        if (command->option[i].required && !arguments->value[i])
            return ms_error_set(error, MS_ERROR_USAGE, "%s: -%c %s is missing; see modeseek %s --help",
                                command->name, command->option[i].letter, command->option[i].value,
                                command->name);
    return check_order(command, arguments, error);
}

ms_status ms_command_parse(const ms_command *command, int count, char **words, ms_arguments *arguments,
                           bool *help, ms_error *error)
{
    *arguments = (ms_arguments){.ranks = 1};
    *help = false;
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            *help = true;
    if (*help)
        return MS_OK;
    bool options_over = false;
    const char *extra = NULL;
    for (int i = 0; i < count; i++) {
        if (!options_over && strcmp(words[i], "--") == 0) {
            options_over = true;
            continue;
        }
        if (!options_over && words[i][0] == '-' && words[i][1]) {
            ms_status status = parse_option(command, count, words, &i, arguments, error);
            if (status != MS_OK)
                return status;
            continue;
        }
        bool takes_more = command->several || command->more_least > 0;
        if ((arguments->operand && takes_more) || (options_over && command->rest)) {
            words[arguments->more_count++] = words[i]; /* places that have been read */
            arguments->more = words;
            continue;
        }
        if (!arguments->operand)
            arguments->operand = words[i];
        else if (!extra)
            extra = words[i];
    }
    return extra ? one_too_many(command, arguments, extra, error) : check_complete(command, arguments, error);
}

ms_assignments ms_command_assignments(const ms_arguments *arguments)
{
    return (ms_assignments){arguments->repeated, arguments->repeated_count};
}

static void print_option(char letter, const char *name, const char *value, const char *help)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%c --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
             letter ? ',' : ' ', name, value ? " " : "", value ? value : "");
    printf("  %-38s %s\n", left, help);
}

void ms_command_usage(const ms_command *command, char *usage, size_t size)
{
    size_t count = ms_command_option_count(command), length = 0;
#define ADD(...) length += (size_t)snprintf(usage + length, length < size ? size - length : 0, __VA_ARGS__)
    ADD("modeseek %s %s", command->name, command->operand);
    for (size_t i = 0; i < count; i++)
        if (command->option[i].required)
            ADD(" -%c %s", command->option[i].letter, command->option[i].value);
    if (count > 0)
        ADD(" [options]");
    if (command->rest)
        ADD(" [-- %s]", command->rest);
#undef ADD
}

void ms_command_help(const ms_command *command)
{
    size_t count = ms_command_option_count(command), kinds = ms_command_kind_count(command);
    char usage[256];
    ms_command_usage(command, usage, sizeof usage);
    printf("usage: %s\n\n%s\n", usage, command->purpose);
    if (kinds > 0)
        printf("\nkinds:\n");
    for (size_t i = 0; i < kinds; i++)
        printf("  %-13s %s\n", command->kind[i].name, command->kind[i].purpose);
    printf("\noptions:\n");
    for (size_t i = 0; i < count; i++)
        print_option(command->option[i].letter, command->option[i].name, command->option[i].value,
                     command->option[i].help);
    print_option('h', "help", NULL, "print this and exit");
    printf("\nexample:\n%s\n", command->example);
}

ms_status ms_choose(const char *option, const char *word, const char *const *names, size_t fallback,
                    size_t *choice, ms_error *error)
{
    *choice = fallback;
    if (!word)
        return MS_OK;
    char list[128] = "";
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], word) == 0) {
            *choice = i;
            return MS_OK;
        }
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return ms_error_set(error, MS_ERROR_USAGE, "--%s %s: choose one of %s", option, word, list);
}

ms_status ms_seconds(const char *option, const char *word, double fallback, double *seconds, ms_error *error)
{
    char *end;
    *seconds = fallback;
    if (!word)
        return MS_OK;
    *seconds = strtod(word, &end);
    if (end == word || *end || !(*seconds > 0) || !(*seconds <= 1e9))
        return ms_error_set(error, MS_ERROR_USAGE,
                            "--%s %s: give a number of seconds greater than 0, at most 1e9", option, word);
    return MS_OK;
}
