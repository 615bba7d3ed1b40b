/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep: what a YAML file says, validated; its grid's points; the blocks that points are computed in.
 * Only this room knows libyaml. docs/sweep-file.md documents every key. */
#ifndef MS_SWEEP_H
#define MS_SWEEP_H

#include "base/column.h"
#include "base/diagnostics.h"
#include "base/field.h"
#include "base/vector.h"
#include "estimate/job_type.h"
#include "estimate/outlook.h"
#include "sweep/inputs.h"
#include "target/target_type.h"

#include <modeseek/modeseek.h>

/* Stated limits (docs/sweep-file.md): what is larger is refused with a message. */
#define MS_SWEEP_FILE_MAX        (1u << 20) /* bytes of a sweep file */
#define MS_SWEEP_POINTS_MAX      100000u    /* points of a grid */
#define MS_SWEEP_AXIS_MAX        10000u     /* values of one axis */
#define MS_SWEEP_DIMENSION_MAX   10000000u  /* dimension */
#define MS_SWEEP_CHAINS_MAX      100000000u /* chains of a point */
#define MS_SWEEP_ITERATIONS_MAX  (UINT64_C(1) << 53)
#define MS_SWEEP_SNAPSHOTS_MAX   1000u
#define MS_SWEEP_RULES_LOOKED_AT 8u /* rules whose intervals may decide when a point has chains enough */
#define MS_SWEEP_ESTIMATORS_MAX  16u
#define MS_SWEEP_BLOCK_MAX       65536u     /* chains of a block */
#define MS_SWEEP_BLOCKS_MAX      10000000u  /* blocks of a sweep */
#define MS_SWEEP_SHARES_MAX      100000u    /* shares of a sweep */
#define MS_SWEEP_FURTHER_MAX     28u        /* axes beside the four that every sweep has */
#define MS_SWEEP_VARIANTS_MAX    10000u     /* combinations of their values */
#define MS_SWEEP_VARYING_MAX     (1u << 22) /* values in the sections of all these together */
#define MS_AXIS_NAME_MAX         63u        /* bytes of an axis's name, and of a name on it */
#define MS_POSITIONS_TEXT        80
#define MS_SWEEP_POSITIONS_MAX   (1u << 24)          /* bytes of a file of start positions */
#define MS_SWEEP_TABLES_MAX      (1u << 24)          /* numbers from files, those of all variants */
#define MS_SWEEP_RESULTS_MAX     (UINT64_C(1) << 36) /* numbers in the results file: points x chains x ... */
#define MS_SWEEP_STATES_MAX      (UINT64_C(1) << 43) /* bytes of all saved states */

/* The radius of the rule ball on data, where none is given: components have no variance that would tell. */
#define MS_DATA_RADIUS_SQUARED 0.01

#define MS_AXIS_FULL UINT64_C(0) /* of patch_size: the dimension */

typedef enum ms_axis_type {
    MS_AXIS_WHOLE,
    MS_AXIS_REAL,
    MS_AXIS_TEXT /* words, or mappings by their names */
} ms_axis_type;

/* One value of an axis: what its type says. */
typedef struct ms_axis_value {
    uint64_t whole;
    double real;
    char *text;                 /* at most MS_AXIS_NAME_MAX bytes, without blanks */
    char *mapping;              /* in one line of YAML, of the sections that can be an axis, else NULL */
    const struct ms_node *node; /* where it was given; valid while the file is read */
} ms_axis_value;

/* A parameter with several values. */
typedef struct ms_axis {
    char *name; /* dimension, patch_size, noise_level, seed, or a path: sampler.step_size */
    ms_axis_type type;
    ms_axis_value *value;
    size_t count;
    const struct ms_node *node; /* where it was given; valid while the file is read */
} ms_axis;

/* Axes that every sweep has. */
enum { MS_AXIS_DIMENSION, MS_AXIS_PATCH_SIZE, MS_AXIS_NOISE_LEVEL, MS_AXIS_SEED, MS_AXES_KNOWN };

typedef enum ms_indivisible {
    MS_INDIVISIBLE_ERROR,
    MS_INDIVISIBLE_SKIP,
    MS_INDIVISIBLE_SHORTER_LAST_PATCH
} ms_indivisible;

/* All that the chains of a point follow, but for what ms_point says. What fields own goes with the sweep. */
typedef struct ms_settings {
    ms_chosen target;
    ms_start start; /* MS_START_POSITIONS: `positions` belongs to the sweep */

    ms_chosen sampler;
    ms_schedule schedule; /* see ms_settings_schedule() */
    ms_conditioning conditioning;
    ms_engine engine;
    uint64_t iterations_per_patch, iterations_per_pass; /* one of them is 0 */

    uint64_t iterations;   /* the budget */
    double radius_squared; /* of the ball rule, where it has none of its own; 0: the target's default */
    /* the same in all variants: */
    ms_list rules;       /* of ms_chosen */
    ms_sets modes;       /* auto: each component but 0 */
    ms_list observables; /* of ms_chosen */
    ms_chosen estimator;
    uint32_t *mode_of; /* [components] as in ms_run_params, where an observable needs it */
} ms_settings;

/* One combination of the grid's axes. `patch_size` is resolved (`full` is the dimension). */
typedef struct ms_point {
    size_t variant; /* which settings: a combination of the values of the further axes */
    size_t dimension;
    size_t patch_size;
    double noise_level;
    uint64_t seed;
    size_t estimator;   /* which of the sweep's computes it; MS_NO_ESTIMATOR: none can */
    size_t first_block; /* those of a point have consecutive numbers */
} ms_point;

#define MS_NO_ESTIMATOR SIZE_MAX
#define MS_VALIDITY_MAX 128u /* bytes of a reason why an estimator does not compute a point, NUL included */

typedef struct ms_sweep {
    char name[128];
    /* the YAML as it was read, NUL-terminated, with what was found in the files that it names */
    char *text;
    size_t text_length;
    size_t grid_begin, grid_end; /* bytes of the text that are the value of `grid` */
    ms_inputs_named named;       /* files that the text names */

    ms_axis axis[MS_AXES_KNOWN];
    ms_axis *further; /* [further_axes], as given; all but the four that every sweep has */
    size_t further_axes;

    ms_settings *variant; /* [variants], the last of the further axes varying fastest */
    size_t variants;

    struct ms_known_data *data; /* that targets are made of; belongs to the sweep */

    double *positions; /* of a file of start positions, [position_rows][positions_dimension], or NULL */
    size_t position_rows, positions_dimension;
    char positions_text[MS_POSITIONS_TEXT]; /* what identities say of them; without the file this is all that
                                               is known */

    size_t chains;
    size_t block_chains;   /* chains of a block; never depends on the number of ranks */
    double relative_width; /* of an interval that is narrow enough; 0: points have all their chains */
    size_t at_most;        /* chains of a point then; 0: not given */
    bool stop_when_discovered;

    uint64_t *snapshots;
    size_t snapshot_count;
    size_t snapshots_line, snapshots_column; /* where the file lists them; 0: --set does, or nothing */

    ms_indivisible indivisible;
    ms_point *points; /* variant by variant, then dimension, patch_size, noise_level, seed, each as given */
    size_t point_count;
    size_t skipped_points; /* by indivisible: skip */

    ms_job_choice estimator[MS_SWEEP_ESTIMATORS_MAX]; /* [estimators] those that points may be computed by;
                                                         the best first */
    size_t estimators;
    char (*validity)[MS_VALIDITY_MAX]; /* [points][estimators] why one does not compute the point; NULL: the
                                          only one computes all */
    size_t block_count;

    bool lacks_files;   /* names files that were not looked into, see ms_sweep_parse_kept() */
    bool lacks_numbers; /* and does not know the numbers of components, or the keys of points */
    char *identity; /* canonical "path = value" lines of everything that results depend on, NUL-terminated */
} ms_sweep;

/* Reads and validates the file at `path`. On failure `*sweep` is NULL and `diagnostics` (zeroed by the
 * caller) holds one or more messages `path:line:column: what, and what to do`. MS_ERROR_SWEEP, MS_ERROR_IO
 * (cannot be read), MS_ERROR_MEMORY. */
ms_status ms_sweep_load(ms_sweep **sweep, const char *path, ms_diagnostics *diagnostics);

/* What takes the place of values of a file: "budget.chains=64" (docs/command-line.md, --set). */
typedef struct ms_assignments {
    const char *const *text; /* [count], KEY=VALUE, VALUE being YAML in one line */
    size_t count;
} ms_assignments;

/* The same of a file in which these values stand. What is wrong with them is called `--set KEY=VALUE: ...`.
 */
ms_status ms_sweep_load_with(ms_sweep **sweep, const char *path, const ms_assignments *assignments,
                             ms_diagnostics *diagnostics);

/* The same for text in memory; `name` stands for the file in messages, and relative paths in the sweep are
 * relative to its folder. `text` may hold any bytes. */
ms_status ms_sweep_parse(ms_sweep **sweep, const char *name, const char *text, size_t length,
                         ms_diagnostics *diagnostics);

ms_status ms_sweep_parse_with(ms_sweep **sweep, const char *name, const char *text, size_t length,
                              const ms_assignments *assignments, ms_diagnostics *diagnostics);

/* The same for the text that results keep: plugins that it names are not loaded, and tables not read, so that
 * none of its blocks can be computed if it names any. */
ms_status ms_sweep_parse_kept(ms_sweep **sweep, const char *name, const char *text, size_t length,
                              ms_diagnostics *diagnostics);
/* The same, with `assignments` (or NULL), but tables of numbers are read: those that `supply` (may be NULL)
 * has are read from there, of a sweep that results keep in any case, of another where there is no such file.
 * Of those that results name, others are read only where the name leads to the folder of `name`, or below it.
 */
ms_status ms_sweep_parse_supplied(ms_sweep **sweep, const char *name, const char *text, size_t length,
                                  bool is_kept, const ms_assignments *assignments, const ms_supply *supply,
                                  ms_diagnostics *diagnostics);
void ms_sweep_free(ms_sweep *sweep);

/* Those of a point. */
const ms_settings *ms_sweep_settings(const ms_sweep *sweep, size_t point);

/* The axes: the further ones, then the four that every sweep has. Points are ordered by them. */
size_t ms_sweep_axis_count(const ms_sweep *sweep);
const ms_axis *ms_sweep_axis(const ms_sweep *sweep, size_t axis);

/* Which value of a further axis a variant has; 0 also of an axis without values. */
size_t ms_sweep_further_value(const ms_sweep *sweep, size_t axis, size_t variant);

/* "sampler.step_size is 0.1, target is wide": the values of a variant on axes that have several; "" if there
 * is nothing to tell variants apart. What does not fit is left out. */
void ms_sweep_describe_variant(const ms_sweep *sweep, size_t variant, char *text, size_t size);

/* Where on that axis a point lies; `text` belongs to the sweep. */
typedef struct ms_axis_point {
    ms_axis_type type;
    uint64_t whole;
    double real;
    const char *text;
} ms_axis_point;
ms_axis_point ms_sweep_point_value(const ms_sweep *sweep, size_t axis, size_t point);

/* The largest budget of a point. */
uint64_t ms_sweep_iterations(const ms_sweep *sweep);

/* Components of the target, the same number at every point; and the modes to be discovered. */
size_t ms_sweep_components(const ms_sweep *sweep);
size_t ms_sweep_modes(const ms_sweep *sweep);

size_t ms_settings_components(const ms_settings *settings);
ms_component ms_settings_component(const ms_settings *settings, size_t component, size_t dimension);

const ms_sampler_type *ms_settings_sampler(const ms_settings *settings);

/* The engine in use: not AUTO. */
ms_engine ms_settings_engine(const ms_settings *settings, size_t dimension);

/* How a point with that noise level goes down from it. */
ms_schedule ms_settings_schedule(const ms_settings *settings, double noise_level);

/* Discovery rules, and events of a chain: rules times modes. */
size_t ms_sweep_rules(const ms_sweep *sweep);
size_t ms_sweep_events(const ms_sweep *sweep);
/* The number of mode 0, 1, ...: its component, the first of several. */
size_t ms_sweep_mode_component(const ms_sweep *sweep, size_t mode);

/* r^2 of the ball rule; NaN without it. */
double ms_settings_radius_squared(const ms_settings *settings, size_t dimension);

/* Clauses of the events of a point's target; the caller frees them with free(). MS_ERROR_ARGUMENT where a
 * rule does not fit the target, MS_ERROR_MEMORY. */
ms_status ms_settings_clauses(const ms_settings *settings, const ms_target *target, ms_clause **clauses,
                              size_t *count, ms_error *error);

/* What is recorded at snapshots, in the order of the file's columns; and how many numbers of a chain that
 * are at a snapshot, in a dimension. */
size_t ms_sweep_observables(const ms_sweep *sweep, const ms_observable_type *list[MS_COLUMNS_MAX]);
size_t ms_sweep_observed(const ms_sweep *sweep, size_t dimension);

/* The target at a dimension; the caller frees it. */
ms_status ms_settings_target_alloc(const ms_settings *settings, size_t dimension, ms_target **target,
                                   ms_error *error);

/* Whether two identities differ. `difference` [size] then names the keys: "key: was A, is B; ...; and N
 * more", those that fit. */
bool ms_sweep_differs(const char *identity_before, const char *identity_now, char *difference, size_t size);

/* Whether results of the sweep with that identity stay right in `sweep`: only its budget has become larger,
 * or its grid another one (which points that has is not looked at). If not, `difference` names the keys that
 * stand against it. */
bool ms_sweep_may_grow(const char *identity_before, const char *identity_now, char *difference, size_t size);

/* Whether two identities are the same but for the grid; if not, `difference` names the keys. */
bool ms_sweep_is_alike(const char *identity_before, const char *identity_now, char *difference, size_t size);

/* The same where budgets may differ, too, in either direction. */
bool ms_sweep_is_alike_but_budget(const char *identity_before, const char *identity_now);

/* The sweep over all grids of sweeps that are alike but for the grid and the budget, of which one has the
 * largest: one of those that have it, as it stands, if that has all their points, else that one with axes
 * that have the values of all of them. MS_ERROR_MISMATCH names the keys that differ; `names` [count] stand
 * for the sweeps in messages. The caller frees `*all`. */
ms_status ms_sweep_unite(ms_sweep **all, const ms_sweep *const *sweeps, const char *const *names,
                         size_t count, ms_error *error);

/* What some bytes do to a hash: state * factor + offset[state % 256]. */
typedef struct ms_jump {
    uint64_t factor, offset[256];
} ms_jump;

typedef struct ms_memo {
    ms_jump over;
    bool seen[256]; /* which offsets are known */
} ms_memo;

/* What keys of a sweep's points have in common. Zeroed before the first; serves points of one variant and
 * dimension after the other best. */
typedef struct ms_key_memo {
    size_t variant, dimension; /* of `target` */
    ms_memo target, positions;
} ms_key_memo;

/* The key of a point's random numbers: a hash of its seed, dimension, patch size, noise level, target, start
 * and sampler; not of budget, discovery or snapshots, so that prolonging a sweep keeps its chains. No vectors
 * are made, and constant and repeated means cost the same in any dimension; ramps and long lists once a
 * dimension, or up to 256 times. */
uint64_t ms_sweep_point_key(const ms_sweep *sweep, size_t point, ms_key_memo *memo);

/* Makes it a sweep of pilot runs: chains go on until they have discovered all modes by rule number `rule`,
 * however long that takes, and nothing else is recorded of them. They are the chains of the sweep as it was;
 * its text and identity no longer fit. */
void ms_sweep_focus(ms_sweep *sweep, size_t rule);

/* What computes the blocks of a point, or NULL: none can, and it has no blocks. */
const ms_job_type *ms_sweep_job_type(const ms_sweep *sweep, size_t point);
/* Whether that simulates chains. */
bool ms_sweep_is_direct(const ms_sweep *sweep, size_t point);
/* Whether it does so at any, or at all points. */
bool ms_sweep_has_direct(const ms_sweep *sweep);
bool ms_sweep_is_all_direct(const ms_sweep *sweep);

/* Units of a point: chains, or replicates; and how many of them are in a block. */
size_t ms_sweep_units(const ms_sweep *sweep, size_t point);
size_t ms_sweep_block_units(const ms_sweep *sweep, size_t point);
/* Blocks of a point; the first has number points[point].first_block. */
size_t ms_sweep_point_blocks(const ms_sweep *sweep, size_t point);

/* Where the budget is a width of intervals: whether that may end a point early; and after how many blocks it
 * is looked at next when it has been after so many, 0 at first. The looks are fixed beforehand: points stop
 * alike, whatever computes them in which order. */
bool ms_sweep_may_stop(const ms_sweep *sweep, size_t point);
size_t ms_sweep_next_look(const ms_sweep *sweep, size_t point, size_t blocks);

/* Whether the modes are labels of data whose files were not opened. */
bool ms_settings_lacks_labels(const ms_settings *settings);

/* Fills in `mode_of`; false: out of memory. */
bool ms_settings_find_modes(ms_settings *settings);

/* A block: `chains` units from `first_chain` of a point. Blocks are numbered point by point. */
typedef struct ms_block {
    size_t point;
    size_t first_chain;
    size_t chains;
} ms_block;

size_t ms_sweep_block_count(const ms_sweep *sweep);
ms_block ms_sweep_block(const ms_sweep *sweep, size_t block);

/* MS_ERROR_ARGUMENT where no engine, or not the one asked for, can move the chains of a point, or a rule does
 * not fit its target; MS_ERROR_MEMORY. */
ms_status ms_sweep_check_point(const ms_sweep *sweep, size_t point, const ms_target *target, ms_error *error);

/* What to expect of the time to the first of the modes by rule number `rule`. MS_ERROR_ARGUMENT where the
 * rule does not fit the target, MS_ERROR_MEMORY. */
ms_status ms_sweep_outlook(const ms_sweep *sweep, size_t point, size_t rule, const ms_target *target,
                           ms_outlook *outlook, ms_error *error);

/* What the last block of a sweep had that the next one may need again. Zeroed before the first. */
typedef struct ms_kept {
    ms_target *target;
    size_t variant; /* one of those that have it */
    ms_key_memo memo;
} ms_kept;

/* Makes the target of a point, unless it is the one that is kept. That must not be in use. MS_ERROR_ARGUMENT
 * where there is none in this dimension, MS_ERROR_MEMORY. */
ms_status ms_sweep_keep_target(const ms_sweep *sweep, size_t point, ms_kept *kept, ms_error *error);
void ms_kept_free(ms_kept *kept);

/* The job of a block, which uses the target that is kept until ms_job_free(). `job->state` is NULL on
 * failure: MS_ERROR_ARGUMENT for parameters impossible at this point (the reason goes into the point's row),
 * MS_ERROR_MEMORY. */
ms_status ms_sweep_job_alloc(const ms_sweep *sweep, ms_block block, ms_simd simd, ms_kept *kept, ms_job *job,
                             ms_error *error);

/* What a block's job is, before it is made. */
ms_job_shape ms_sweep_job_shape(const ms_sweep *sweep, ms_block block);

/* Predicted work of a block that uses its whole budget. Deterministic. */
double ms_sweep_block_cost(const ms_sweep *sweep, ms_block block);

/* Deals the blocks out to `shares` shares, 1 to MS_SWEEP_SHARES_MAX: `share` [blocks] says which one, from 0,
 * a block is in. It depends on the sweep alone. The predicted costs of two shares differ by no more than that
 * of the costliest block, and their numbers of blocks of a point by no more than one. MS_ERROR_MEMORY. */
ms_status ms_sweep_deal(const ms_sweep *sweep, size_t shares, uint32_t *share, ms_error *error);

/* Bytes of working memory of a block of this point. */
double ms_sweep_block_memory(const ms_sweep *sweep, ms_block block);

/* The largest of these: what a rank needs for any block. */
double ms_sweep_memory(const ms_sweep *sweep);

/* Bytes that a saved state of the block takes at most. */
size_t ms_sweep_block_state_size(const ms_sweep *sweep, ms_block block);

/* "libyaml 0.2.5" */
void ms_sweep_library(char *text, size_t size);

#endif
