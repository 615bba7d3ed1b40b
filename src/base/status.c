/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <modeseek/status.h>

#include <stdarg.h>
#include <stdio.h>

static const struct {
    int exit_code;
    const char *message;
} status_table[MS_STATUS_COUNT] = {
#define MS_STATUS_ROW(name, exit_code, message) {exit_code, message},
    MS_STATUS_LIST(MS_STATUS_ROW)
#undef MS_STATUS_ROW
};

ms_status(ms_error_set)(ms_error *error, ms_status status, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->status = status;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        ms_make_printable(error->message);
    }
    return status;
}

const char *ms_status_message(ms_status status)
{
    return status < MS_STATUS_COUNT ? status_table[status].message : "unknown status";
}

int ms_status_exit_code(ms_status status)
{
    return status < MS_STATUS_COUNT ? status_table[status].exit_code : 70;
}
