/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a race says, for people and for programs. */
#ifndef MS_ADVICE_H
#define MS_ADVICE_H

#include "base/json.h"
#include "farm/race.h"

typedef struct ms_advice {
    const ms_race *race;
    const char *rule;
    bool asks[MS_SPENT_COUNT]; /* what the advice is to be about */
    bool is_stopped;           /* by the user, before it was decided */
} ms_advice;

extern const char *const ms_spent_name[]; /* of ms_spent; NULL ends them */

/* The race's question, tables and answers. Both: MS_ERROR_MEMORY. */
ms_status ms_advice_print(const ms_advice *advice, ms_error *error);
/* The same as an object within a list. */
ms_status ms_advice_write(const ms_advice *advice, ms_json *json, ms_error *error);

#endif
