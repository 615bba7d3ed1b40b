/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/job_script.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OPTIONS_BEGIN  "# ---- options of sbatch\n"
#define SETTINGS_BEGIN "# ---- settings\n"
#define SETTINGS_END   "# ---- end of the settings\n"

static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-[]";

/* As sbatch reads the lines of #SBATCH: a backslash counts within quotes, too. */
static void put_option(FILE *out, const char *word)
{
    if (*word && !word[strspn(word, harmless)]) {
        fputs(word, out);
        return;
    }
    putc('"', out);
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            putc('\\', out);
        putc(*word, out);
    }
    putc('"', out);
}

/* As the shell reads it. */
static void put_quoted(FILE *out, const char *word)
{
    putc('\'', out);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word, out);
    }
    putc('\'', out);
}

char *ms_job_script(const char *template, const char *const *options, size_t option_count,
                    const ms_setting *settings, size_t setting_count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const char *end = strstr(template, SETTINGS_END);
    if (!out || !end) {
        if (out)
            fclose(out);
        free(text);
        return NULL;
    }
    fprintf(out, "#!/bin/bash\n# Filled in by modeseek submit.\n" OPTIONS_BEGIN);
    for (size_t i = 0; i < option_count; i++) {
        fputs(options[i][0] == '-' ? "#SBATCH " : " ", out);
        put_option(out, options[i]);
        if (i + 1 == option_count || options[i + 1][0] == '-')
            putc('\n', out);
    }
    fprintf(out, SETTINGS_BEGIN);
    for (size_t i = 0; i < setting_count; i++) {
        fprintf(out, "%s%s", settings[i].name ? settings[i].name : ".", settings[i].name ? "=" : " ");
        put_quoted(out, settings[i].value);
        putc('\n', out);
    }
    fputs(end, out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Whether `word` is the option, written in full, as a letter, or with its value behind it. */
static bool names_option(const char *word, const char *name, char letter)
{
    if (word[0] != '-')
        return false;
    if (word[1] != '-')
        return letter && word[1] == letter;
    size_t length = strcspn(word + 2, "=");
    return length == strlen(name) && strncasecmp(word + 2, name, length) == 0;
}

/* getopt takes the beginning of a long option for the whole. */
static bool could_name(const char *word, const char *name)
{
    size_t length = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
    return length >= 3 && length < strlen(name) && strncasecmp(word + 2, name, length) == 0;
}

typedef struct option {
    const char *name;
    char letter;
} option;

ms_status ms_job_options_check(char *const *words, size_t count, ms_error *error)
{
    static const option own[] = {{"array", 'a'},    {"comment", 0},  {"dependency", 'd'}, {"job-name", 'J'},
                                 {"wrap", 0},       {"parsable", 0}, {"test-only", 0},    {"wait", 'W'},
                                 {"clusters", 'M'}, {"cluster", 0},  {"help", 'h'},       {"usage", 0},
                                 {"version", 'V'},  {"ntasks", 'n'}, {"nodes", 'N'},      {"time", 't'}};
    for (size_t i = 0; i < count; i++) {
        if (!ms_is_printable(words[i]) || !*words[i])
            return ms_error_set(error, MS_ERROR_USAGE,
                                "submit: an option of sbatch is empty or has a line break or another control "
                                "character: %s",
                                words[i]);
        if (i == 0 && words[i][0] != '-')
            return ms_error_set(error, MS_ERROR_USAGE, "submit: %s: only options of sbatch may follow --",
                                words[i]);
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (names_option(words[i], own[k].name, own[k].letter) || could_name(words[i], own[k].name))
                return ms_error_set(
                    error, MS_ERROR_USAGE,
                    "submit: %s: --%s cannot be passed to sbatch here; see modeseek submit --help", words[i],
                    own[k].name);
    }
    return MS_OK;
}

static bool names_any(const char *word, const option *list, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (names_option(word, list[k].name, list[k].letter))
            return true;
    return false;
}

bool ms_job_option_is_general(const char *word)
{
    static const option general[] = {{"account", 'A'},   {"partition", 'p'},  {"qos", 'q'},
                                     {"reservation", 0}, {"constraint", 'C'}, {"wckey", 0},
                                     {"mail-type", 0},   {"mail-user", 0},    {"chdir", 'D'},
                                     {"export", 0},      {"nice", 0},         {"no-requeue", 0}};
    return names_any(word, general, sizeof general / sizeof *general);
}

bool ms_job_option_is_memory(const char *word)
{
    static const option memory[] = {{"mem", 0}, {"mem-per-cpu", 0}, {"mem-per-gpu", 0}};
    return names_any(word, memory, sizeof memory / sizeof *memory);
}
