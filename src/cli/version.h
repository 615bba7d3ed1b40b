/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_CLI_VERSION_H
#define MS_CLI_VERSION_H

/* The version of modeseek, then those of the libraries, one a line. */
void ms_print_version(void);

#endif
