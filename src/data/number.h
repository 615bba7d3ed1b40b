/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers, and nothing else that looks like one: no hexadecimal, octal, inf, nan or grouping. */
#ifndef MS_NUMBER_H
#define MS_NUMBER_H

#include <stdint.h>

/* Both return NULL on success, else what is wrong and what to do, to follow "x is '...': ". The locale's
 * decimal separator must be a point. */
const char *ms_parse_number(const char *text, double *value);
/* A whole number >= 0, exactly, also as 1e5 or 2.5e3. */
const char *ms_parse_count(const char *text, uint64_t *value);

#endif
