/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared objects that are to be refused when they are loaded; MS_BROKEN says how. */
#include <modeseek/plugin.h>

#define NO_SYMBOL   1
#define NO_TABLE    2
#define WRONG_ABI   3
#define SMALL_TABLE 4
#define NO_EVALUATE 5
#define WRONG_SIGN  6
#define UNDEFINED   7

void nowhere_defined(void);

#if MS_BROKEN != NO_SYMBOL
static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        log_density[i] = -x[i] * x[i] / 2;
        score[i] = x[i];
    }
    return 0;
}

const ms_plugin *modeseek_plugin(void)
{
    static ms_plugin table = {.abi = MS_BROKEN == WRONG_ABI ? MS_PLUGIN_ABI + 6 : MS_PLUGIN_ABI,
                              .size = MS_BROKEN == SMALL_TABLE ? 16 : sizeof table,
                              .name = "broken",
                              .dimension_max = 1,
                              .evaluate = MS_BROKEN == NO_EVALUATE ? NULL : evaluate};
#if MS_BROKEN == UNDEFINED
    nowhere_defined();
#endif
    return MS_BROKEN == NO_TABLE ? NULL : &table;
}
#else
MS_PLUGIN_EXPORT extern const int something_else;
const int something_else = 1;
#endif
