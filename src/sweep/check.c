/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that concern several sections. Each looks only at what was read without a message. */
#include "estimate/replicate.h"
#include "sampler/observable.h"
#include "sweep/columns.h"
#include "sweep/draft.h"

#include <inttypes.h>
#include <math.h>

#define WEIGHTS_SLACK 1e-9 /* of their sum; the target's own */

static void check_start(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_settings *settings = &draft->settings;
    const ms_start *start = &settings->start;
    const ms_node *section = ms_node_get(root, "start");
    size_t components = ms_settings_components(settings);
    if (start->type == MS_START_COMPONENT && components > 0 && start->component >= components)
        ms_complain(reader, ms_node_get(section, "component"),
                    "component is %zu, but the target has components 0 to %zu", start->component,
                    components - 1);
    if (start->type == MS_START_UNIFORM && settings->engine == MS_ENGINE_REDUCED)
        ms_complain(
            reader, ms_node_get(section, "uniform"),
            "the engine 'reduced' cannot start from a uniform distribution; use engine: full or auto");
    if (start->type == MS_START_POSITIONS && start->positions)
        for (size_t d = 0; d < draft->sweep.axis[MS_AXIS_DIMENSION].count; d++)
            if (draft->sweep.axis[MS_AXIS_DIMENSION].value[d].whole != draft->sweep.positions_dimension) {
                ms_complain(reader, ms_node_get(section, "file"),
                            "file has positions of %zu coordinates, but the grid has dimension %" PRIu64
                            "; they must be equal",
                            draft->sweep.positions_dimension,
                            draft->sweep.axis[MS_AXIS_DIMENSION].value[d].whole);
                return;
            }
}

static void check_vector(ms_reader *reader, const ms_draft *draft, const ms_field *field,
                         const ms_vector *vector, const ms_node *node)
{
    for (size_t d = 0; vector->values && d < draft->sweep.axis[MS_AXIS_DIMENSION].count; d++)
        if (!ms_vector_fits(vector, draft->sweep.axis[MS_AXIS_DIMENSION].value[d].whole)) {
            ms_complain(reader, node,
                        "%s lists %zu numbers, but the grid has dimension %" PRIu64
                        "; list as many, or use one number or a pattern",
                        field->key, vector->value_count, draft->sweep.axis[MS_AXIS_DIMENSION].value[d].whole);
            return;
        }
}

/* Vectors that are lists have the grid's dimension; `node` is the mapping that was read into `from`. */
static void check_vectors(ms_reader *reader, const ms_draft *draft, const ms_schema *schema, const void *from,
                          const ms_node *node)
{
    for (size_t i = 0; schema && i < schema->count; i++) {
        const ms_field *field = &schema->fields[i];
        const ms_node *child = ms_node_get(node, field->key);
        const void *value = (const char *)from + field->offset;
        const ms_chosen *chosen = value;
        const ms_list *list = value;
        if (field->type == MS_FIELD_VECTOR)
            check_vector(reader, draft, field, value, child ? child : node);
        else if (field->type == MS_FIELD_SECTION)
            check_vectors(reader, draft, field->schema, value, child);
        else if (field->type == MS_FIELD_CHOSEN && chosen->params)
            check_vectors(reader, draft, chosen->kind->schema, chosen->params, child);
        if (field->type == MS_FIELD_LIST && list->is_of_file) { /* the lists of all items are as long */
            if (list->count > 0)
                check_vectors(reader, draft, field->schema, list->item, child);
            continue;
        }
        const ms_node *item = child ? child->first : NULL;
        for (size_t n = 0; field->type == MS_FIELD_LIST && item && n < list->count; n++, item = item->next)
            check_vectors(reader, draft, field->schema, (const char *)list->item + n * field->size, item);
    }
}

static void check_weights(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    double sum = 0;
    size_t components = ms_settings_components(&draft->settings);
    for (size_t i = 0; i < components; i++) {
        double weight = ms_settings_component(&draft->settings, i, 1).weight;
        if (weight == 0 || isnan(weight))
            return; /* could not be read, or there is none */
        sum += weight;
    }
    const ms_node *list = ms_node_get(ms_node_get(root, "target"), "components");
    const ms_node *file = ms_node_get(list, "file");
    if (components > 0 && !(fabs(sum - 1) <= WEIGHTS_SLACK))
        ms_complain(reader, list, "the weights%s%s sum to %.12g, not 1; change them (to within 1e-9)",
                    file ? " of " : "", file ? ms_show(file).text : "", sum);
}

/* What is recorded is the same in all variants, also where it is not given and depends on the target. */
static void check_records(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_settings *first = &draft->sweep.variant[0], *here = &draft->settings;
    const struct {
        const char *section, *key;
        const ms_list *first, *here;
    } lists[] = {{"discovery", "discovery: rules", &first->rules, &here->rules},
                 {"observables", "observables", &first->observables, &here->observables}};
    for (size_t l = 0; draft->sweep.variants > 0 && l < sizeof lists / sizeof *lists; l++) {
        const ms_chosen *a = lists[l].first->item, *b = lists[l].here->item;
        bool same = lists[l].first->count == lists[l].here->count || !a || !b;
        for (size_t i = 0; a && b && same && i < lists[l].here->count; i++)
            same = a[i].kind == b[i].kind;
        const ms_node *section = ms_node_get(root, lists[l].section);
        if (!same)
            ms_complain(reader, section ? section : ms_node_get(root, "target"),
                        "%s has another default for this target than for the first of the grid; give it",
                        lists[l].key);
    }
}

/* Columns of the results file are as long for all points. */
static void check_components(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    size_t here = ms_settings_components(&draft->settings);
    size_t first = draft->sweep.variants > 0 ? ms_sweep_components(&draft->sweep) : here;
    if (here > 0 && first > 0 && here != first)
        ms_complain(
            reader, ms_node_get(ms_node_get(root, "target"), "components"),
            "%zu components, but the first target of the grid has %zu; all targets of a sweep must have "
            "the same number",
            here, first);
}

/* Of an estimator, or in a section of `auto`: no point has so many where `at_most` says how many there may
 * be. Results that have both stay readable. */
static void check_replicates(ms_reader *reader, const ms_node *estimator)
{
    const ms_node *replicates = ms_node_get(estimator, "replicates");
    for (const ms_node *child = estimator ? estimator->first : NULL; child && !replicates;
         child = child->next)
        replicates = ms_node_get(child, "replicates");
    if (replicates && !reader->is_kept)
        ms_complain(reader, replicates,
                    "replicates and at_most exclude each other: with relative_width a point has at_most "
                    "replicates, or fewer; leave replicates out");
}

static void check_precision(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    ms_sweep *sweep = &draft->sweep;
    const ms_node *budget = ms_node_get(root, "budget"), *at_most = ms_node_get(budget, "at_most"),
                  *chains = ms_node_get(budget, "chains"), *width = ms_node_get(budget, "relative_width");
    if (at_most && !width)
        ms_complain(reader, at_most,
                    "at_most is of points that stop when their intervals are narrow enough; add "
                    "`relative_width: 0.1`, or give chains");
    if (width && chains)
        ms_complain(reader, chains,
                    "chains and relative_width exclude each other; give at_most instead of chains");
    if (width && !at_most && !chains && !draft->has_no_chains)
        ms_complain(reader, width, "relative_width needs at_most, a number of chains that is not exceeded");
    if (width && draft->settings.rules.count > MS_SWEEP_RULES_LOOKED_AT)
        ms_complain(reader, width, "relative_width is for up to %u rules", MS_SWEEP_RULES_LOOKED_AT);
    if (width && draft->settings.rules.count == 0 && draft->settings.rules.item)
        ms_complain(reader, width,
                    "relative_width is that of a mean time of discovery, and there is no rule");
    if (width && at_most)
        check_replicates(reader, ms_node_get(root, "estimator"));
    if (sweep->at_most > 0)
        sweep->chains = sweep->at_most;
}

static void check_modes(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_sets *modes = &draft->settings.modes;
    size_t components = ms_settings_components(&draft->settings);
    for (size_t m = 0; components > 0 && modes->count > 0 && m < modes->end[modes->count - 1]; m++)
        if (modes->member[m] >= components) {
            ms_complain(reader, ms_node_get(ms_node_get(root, "discovery"), "modes"),
                        "a mode has component %zu, but the target has components 0 to %zu", modes->member[m],
                        components - 1);
            return;
        }
}

/* Of those that find nothing but times of discovery. */
static void check_estimator(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_kind *kind = draft->settings.estimator.kind;
    if (draft->settings.rules.count == 0 && draft->settings.rules.item && kind && kind != ms_job_kind(0))
        ms_complain(
            reader, ms_node_get(root, "estimator"),
            "the estimator %s finds times of discovery, and there is no rule; leave it out, or give one "
            "in the section discovery",
            kind->name);
}

static void check_snapshots(ms_reader *reader, const ms_draft *draft)
{
    const ms_job_type *type = (const ms_job_type *)draft->settings.estimator.kind;
    if (draft->snapshots.count > 0 && type && type->replicate && !type->replicate->survival &&
        !reader->is_kept)
        ms_complain(reader, draft->snapshots.value[0].node,
                    "the estimator %s finds means alone, and nothing at snapshots; remove them, or give "
                    "`snapshots: []`",
                    type->kind.name);
    for (size_t i = 0; draft->settings.iterations > 0 && i < draft->snapshots.count; i++)
        if (draft->snapshots.value[i].whole > draft->settings.iterations) {
            ms_complain(reader, draft->snapshots.value[i].node,
                        "a snapshot at iteration %" PRIu64 ", but the budget is %" PRIu64
                        " iterations; remove it or raise the budget",
                        draft->snapshots.value[i].whole, draft->settings.iterations);
            return;
        }
}

static void check_schedule(ms_reader *reader, const ms_draft *draft)
{
    const ms_schedule *schedule = &draft->settings.schedule;
    if (schedule->type != MS_SCHEDULE_GEOMETRIC)
        return;
    for (size_t i = 0; i < draft->sweep.axis[MS_AXIS_NOISE_LEVEL].count; i++) {
        double level = draft->sweep.axis[MS_AXIS_NOISE_LEVEL].value[i].real;
        if (level > 0 && level < schedule->noise_level_min)
            ms_complain(
                reader, draft->sweep.axis[MS_AXIS_NOISE_LEVEL].value[i].node,
                "noise_level %g is below the schedule's noise_level_min %g; raise it, or give 0 for no "
                "noise levels at all",
                level, schedule->noise_level_min);
    }
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b > 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* Observables may need to know which components the modes are of. */
static void find_modes(ms_reader *reader, ms_draft *draft)
{
    const ms_chosen *chosen = draft->settings.observables.item;
    for (size_t o = 0; o < draft->settings.observables.count; o++)
        if (chosen[o].kind && ((const ms_observable_type *)chosen[o].kind)->needs_modes &&
            !draft->settings.mode_of)
            reader->out_of_memory |= !ms_settings_find_modes(&draft->settings);
}

void ms_draft_check_variant(ms_reader *reader, ms_draft *draft, const ms_node *root)
{
    check_weights(reader, draft, root);
    check_vectors(reader, draft, &ms_sweep_schema, draft, root);
    ms_check_sampler(reader, draft, ms_node_get(root, "sampler"));
    check_precision(reader, draft, root);
    check_start(reader, draft, root);
    check_schedule(reader, draft);
    check_modes(reader, draft, root);
    check_snapshots(reader, draft);
    check_estimator(reader, draft, root);
    check_components(reader, draft, root);
    check_records(reader, draft, root);
    find_modes(reader, draft);
}

/* What the results file and the farm must be able to hold. */
void ms_draft_check_size(ms_reader *reader, const ms_draft *draft, const ms_node *root)
{
    const ms_sweep *sweep = &draft->sweep;
    size_t dimension = ms_sweep_extent(sweep, MS_EXTENT_COORDINATE);
    uint64_t chain = (uint64_t)ms_sweep_events(sweep) + 1 +
                     (uint64_t)sweep->snapshot_count * ms_sweep_observed(sweep, dimension);
    uint64_t units = ms_sweep_extent(sweep, MS_EXTENT_CHAIN);
    uint64_t numbers = saturating_product(saturating_product(sweep->point_count, units), chain);
    const ms_node *budget = ms_node_get(root, "budget"), *chains = ms_node_get(budget, "chains");
    if (numbers > MS_SWEEP_RESULTS_MAX)
        ms_complain(reader, chains,
                    "%zu points x %zu chains x %" PRIu64
                    " numbers a chain are more than the results file may hold "
                    "(2^36); give fewer chains, points or snapshots",
                    sweep->point_count, (size_t)units, chain);
    uint64_t blocks = ms_sweep_block_count(sweep);
    if (blocks > MS_SWEEP_BLOCKS_MAX)
        ms_complain(reader, budget,
                    "%" PRIu64 " blocks of %zu chains; at most %u are allowed: give a larger `block`", blocks,
                    sweep->block_chains, MS_SWEEP_BLOCKS_MAX);
    if (numbers > MS_SWEEP_RESULTS_MAX || blocks > MS_SWEEP_BLOCKS_MAX)
        return;
    uint64_t states = 0;
    for (size_t b = 0; b < blocks && states <= MS_SWEEP_STATES_MAX; b++)
        states += 2 * (uint64_t)ms_sweep_block_state_size(sweep, ms_sweep_block(sweep, b));
    if (states > MS_SWEEP_STATES_MAX)
        ms_complain(reader, chains,
                    "the checkpoints of %zu points x %zu chains are more than a file may hold (2^43 bytes); "
                    "give fewer chains, points or dimensions",
                    sweep->point_count, (size_t)units);
}
