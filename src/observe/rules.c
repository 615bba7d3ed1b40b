/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every rule: a line each. */
#include "observe/rule.h"

#define RULES(RULE)                                                                                          \
    RULE(ball)                                                                                               \
    RULE(switch)                                                                                             \
    RULE(dominant)

#define DECLARE(name) extern const ms_rule_type ms_##name##_rule;
#define ROW(name)     &ms_##name##_rule,
RULES(DECLARE)
static const ms_rule_type *const rules[] = {RULES(ROW)};
#define COUNT (sizeof rules / sizeof *rules)

const ms_kind *ms_rule_kind(size_t number)
{
    return number < COUNT ? &rules[number]->kind : NULL;
}

const ms_rule_type *ms_rule_find(const char *name)
{
    return (const ms_rule_type *)ms_kind_find(ms_rule_kind, name);
}
