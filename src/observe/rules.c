/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/rule.h"

#include <string.h>

static const ms_rule_type *const rules[] = {
    &ms_ball_rule,
    &ms_switch_rule,
};
#define COUNT (sizeof rules / sizeof *rules)

const ms_kind *ms_rule_kind(size_t number)
{
    return number < COUNT ? &rules[number]->kind : NULL;
}

const ms_rule_type *ms_rule_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(rules[i]->kind.name, name) == 0)
            return rules[i];
    return NULL;
}
