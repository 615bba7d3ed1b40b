/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that take the place of those in a sweep's text: budget.chains=64. The text is edited before anything
 * is read from it, so that the sweep is in all respects the one whose file says so. */
#ifndef MS_SWEEP_ASSIGN_H
#define MS_SWEEP_ASSIGN_H

#include "sweep/node.h"
#include "sweep/sweep.h"

typedef struct ms_assigned {
    char *text; /* [length], ends with a NUL */
    size_t length;
    ms_node *document;  /* of this text, with the places of the text that the user knows */
    char (*where)[128]; /* [assignments], what messages name of the values that are new */
} ms_assigned;

/* Makes the assignments in `text` [length], whose document begins at byte `first`. MS_ERROR_SWEEP with
 * messages, MS_ERROR_MEMORY. What is in `assigned` goes with ms_assigned_free(), also on failure. */
ms_status ms_assign(ms_assigned *assigned, const ms_assignments *assignments, const char *name,
                    const char *text, size_t length, size_t first, ms_diagnostics *diagnostics);
void ms_assigned_free(ms_assigned *assigned);

/* Gives the nodes of `document`, which was parsed from the new text, the places that messages are to name.
 * False if it is another document than was meant. */
bool ms_assigned_places(const ms_assigned *assigned, ms_node *document);

#endif
