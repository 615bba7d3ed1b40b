/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may follow on a command line, from the tables that parsing and --help go by; packaging/completion/
 * asks for it. */
#ifndef MS_COMPLETION_H
#define MS_COMPLETION_H

#include "cli/command.h"

/* Prints what the last of the words after the program's name may become, a line each: the word, a tab, and
 * what it is for; or, where a file is expected, a tab and the suffix of its name ("": any). */
void ms_complete(const ms_command *const *list, size_t commands, char *const *words, size_t count);

#endif
