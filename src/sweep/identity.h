/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading identities, the texts "key = value" that tell sweeps apart. */
#ifndef MS_SWEEP_IDENTITY_H
#define MS_SWEEP_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a key, not NUL-terminated; false if it is not there. */
bool ms_identity_value(const char *identity, const char *key, const char **value, size_t *length);

#endif
