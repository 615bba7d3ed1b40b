/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "base/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t option_count(const ms_command *command)
{
    size_t count = 0;
    while (count < MS_OPTIONS_MAX && command->option[count].name)
        count++;
    return count;
}

static ms_status unknown_option(const ms_command *command, const char *word, ms_error *error)
{
    const char *name[MS_OPTIONS_MAX + 1];
    size_t count = option_count(command), letters = strspn(word, "-");
    for (size_t i = 0; i < count; i++)
        name[i] = command->option[i].name;
    name[count] = "help";
    const char *meant = letters == 2 ? ms_did_you_mean(word + letters, name, count + 1) : NULL;
    return ms_error_set(error, MS_ERROR_USAGE, "%s: unknown option %s%s%s%s; see modeseek %s --help",
                        command->name, word, meant ? "; did you mean --" : "", meant ? meant : "",
                        meant ? "?" : "", command->name);
}

/* The option that `word` names, and the value that hangs on it (--name=value, -xvalue) or NULL. */
static const ms_option *find_option(const ms_command *command, const char *word, const char **value)
{
    *value = NULL;
    size_t count = option_count(command);
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
        if (option->letter != word[1] || (word[2] && !option->value))
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
    const ms_option *option = find_option(command, words[*index], &value);
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
        return ms_error_set(error, MS_ERROR_USAGE, "%s: --%s needs %s, not an empty word", command->name,
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
    return MS_OK;
}

static ms_status check_complete(const ms_command *command, const ms_arguments *arguments, ms_error *error)
{
    if (!arguments->operand || !*arguments->operand || arguments->more_count < command->more_least)
        return ms_error_set(error, MS_ERROR_USAGE, "%s: %s is missing; see modeseek %s --help", command->name,
                            command->operand, command->name);
    for (size_t i = 0; i < option_count(command); i++)
        if (command->option[i].required && !arguments->value[i])
            return ms_error_set(error, MS_ERROR_USAGE, "%s: -%c %s is missing; see modeseek %s --help",
                                command->name, command->option[i].letter, command->option[i].value,
                                command->name);
    return MS_OK;
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
        if ((arguments->operand && command->more_least > 0) || (options_over && command->rest)) {
            words[arguments->more_count++] = words[i]; /* places that have been read */
            arguments->more = words;
            continue;
        }
        if (arguments->operand)
            return ms_error_set(error, MS_ERROR_USAGE, "%s: one %s at a time; %s is one too many",
                                command->name, command->operand, words[i]);
        arguments->operand = words[i];
    }
    return check_complete(command, arguments, error);
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

void ms_command_help(const ms_command *command)
{
    printf("usage: modeseek %s %s", command->name, command->operand);
    size_t count = option_count(command);
    for (size_t i = 0; i < count; i++)
        if (command->option[i].required)
            printf(" -%c %s", command->option[i].letter, command->option[i].value);
    printf(" [options]%s%s%s\n\n%s\n\noptions:\n", command->rest ? " [-- " : "",
           command->rest ? command->rest : "", command->rest ? "]" : "", command->purpose);
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
