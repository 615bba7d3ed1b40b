/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <modeseek/version.h>

const char *ms_version(void)
{
    return MS_VERSION;
}
