/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/completion.h"

#include "observe/rule.h"

#include <stdio.h>
#include <string.h>

static void print(const char *dashes, const char *word, const char *purpose)
{
    printf("%s%s\t%.*s\n", dashes, word, (int)strcspn(purpose, "\n"), purpose);
}

/* What the help calls a value, of several words the last, tells which files it may be. */
static void print_suffixes(const char *value)
{
    static const char *const known[][4] = {
        {"SWEEP", ".yaml", ".yml"}, {"FILE", ".h5"}, {"FILE...", ".h5"}, {"FIG", ".png", ".pdf", ".svg"},
        {"PAGE", ".html"},          {"SCRIPT", ""},  {"OUT", ""}};
    const char *last = strrchr(value, ' ');
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        for (size_t j = 1; strcmp(last ? last + 1 : value, known[i][0]) == 0 && j < 4 && known[i][j]; j++)
            print("", "", known[i][j]);
}

/* Of values that may be something else, too: words that every file or sweep, or most, would know. Behind a
 * "=" the shell leaves no blank. */
static void print_words(const char *value)
{
    static const char *const known[][8] = {
        {"MODE", "any", "all"},
        {"seed", "seed"},
        {"AXIS=VALUE,...", "dimension=", "patch_size=", "noise_level=", "seed=", "target=", "sampler="},
        {"KEY=VALUE", "budget.iterations=", "budget.chains=", "grid.dimension=", "grid.patch_size=",
         "grid.seed=", "sampler.engine=", "sampler.step_size="}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        for (size_t j = 1; strcmp(value, known[i][0]) == 0 && j < 8 && known[i][j]; j++)
            print("", known[i][j], "");
    const ms_kind *rule;
    for (size_t i = 0; strcmp(value, "RULE") == 0 && (rule = ms_rule_kind(i)); i++)
        print("", rule->name, "");
}

static void print_value(const ms_command *command, const ms_option *option)
{
    const char *const *choice = command->choices[option - command->option];
    for (; choice && *choice; choice++)
        print("", *choice, "");
    print_words(option->value);
    print_suffixes(option->value);
}

static void print_commands(const ms_command *const *list, size_t commands)
{
    for (size_t i = 0; i < commands; i++)
        print("", list[i]->name, list[i]->purpose);
}

static void print_options(const ms_command *command)
{
    for (size_t i = 0; i < ms_command_option_count(command); i++)
        print("--", command->option[i].name, command->option[i].help);
    print("--", "help", "print this and exit");
}

static void print_operand(const ms_command *command, char *const *words, size_t count)
{
    size_t kinds = ms_command_kind_count(command);
    for (size_t i = 0; i < kinds; i++)
        for (size_t j = 0; j + 1 < count; j++)
            if (strcmp(words[j], command->kind[i].name) == 0)
                kinds = 0; /* it is given */
    for (size_t i = 0; i < kinds; i++)
        print("", command->kind[i].name, command->kind[i].purpose);
    if (kinds == 0)
        print_suffixes(command->operand);
}

void ms_complete(const ms_command *const *list, size_t commands, char *const *words, size_t count)
{
    const ms_command *command = NULL;
    const char *value = NULL, *word = count > 0 ? words[count - 1] : "";
    const char *before = count > 2 ? words[count - 2] : "";
    for (size_t i = 0; count > 1 && i < commands; i++)
        if (strcmp(words[0], list[i]->name) == 0)
            command = list[i];
    const ms_option *option = command && before[0] == '-' ? ms_command_option(command, before, &value) : NULL;
    if (option && option->value && !value) {
        print_value(command, option);
    } else if (command && word[0] == '-') {
        print_options(command);
    } else if (count <= 1 && word[0] == '-') {
        print("--", "help", "print the commands");
        print("--", "version", "print the version");
    } else if (count <= 1 || (command && strcmp(command->operand, "[COMMAND]") == 0)) {
        print_commands(list, commands);
    } else if (command) {
        print_operand(command, words + 1, count - 1);
    }
}
