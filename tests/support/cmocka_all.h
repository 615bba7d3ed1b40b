/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka with the headers it asks for. */
#ifndef MS_CMOCKA_ALL_H
#define MS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
