/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of an advice share. */
#ifndef MS_ADVICE_PARTS_H
#define MS_ADVICE_PARTS_H

#include "cli/advice.h"

#define MS_ADVICE_TEXT 128 /* bytes of an interval as text */

extern const char *const ms_spent_words[]; /* for people */
extern const char *const ms_until_name[];  /* of ms_until */

const ms_point *ms_advice_point(const ms_race *race, size_t candidate);
const ms_settings *ms_advice_settings(const ms_race *race);
/* With one mode there is no difference between any and all. */
int ms_advice_untils(const ms_race *race);

void ms_format_spent(ms_spent spent, double amount, char *text, size_t size);
/* "14042 [13616, 14482]", or "at least 13616". */
void ms_format_candidate(const ms_candidate *candidate, ms_until until, ms_spent spent,
                         char text[MS_ADVICE_TEXT]);

/* By how much those that may be as good as the best one may exceed it, as a share of it. */
double ms_advice_within(const ms_race *race, ms_until until, ms_spent spent, const ms_standing *standing);

/* A line for each thing that is asked. `standing` [candidates] is room. MS_ERROR_MEMORY. */
ms_status ms_advice_print_answers(const ms_advice *advice, ms_until until, ms_standing *standing,
                                  ms_error *error);
/* One line: which patch size to use. MS_ERROR_MEMORY. */
ms_status ms_advice_print_choice(const ms_advice *advice, ms_error *error);

#endif
