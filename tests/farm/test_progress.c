/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order and time left, by a simulated clock: ranks take blocks from the queue and are done with each after
 * the seconds that the test has chosen. */
#include "base/clock.h"
#include "cmocka_all.h"
#include "farm/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANKS_MAX 64

/* Twelve kinds of sixteen blocks; the same predicted cost for all. */
static const char sweep_text[] =
    "name: progress\n"
    "target:\n"
    "  family: gaussian_mixture\n"
    "  components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]\n"
    "sampler: {step_size: 0.1}\n"
    "budget: {iterations: 1e6, chains: 64, block: 8}\n"
    "grid: {dimension: [10, 20, 30, 40], patch_size: [2, 5, 10], seed: [1, 2]}\n";

typedef struct simulation {
    ms_sweep *sweep;
    ms_expectation *expectation;
    size_t blocks;
    double *seconds;  /* [blocks] that each takes, by the clock */
    double slowness;  /* seconds by the clock for each of CPU time */
    double total;     /* of all */
    double made_span; /* when the last was done */
    size_t *order;    /* [blocks] in which they were taken */
    double error[2];  /* of the end foretold, largest in units of the true one: since the first second; since
                       * half of the time was gone */
    double least;     /* time left that was told while something was in work */
    size_t unknown;   /* times that it was not */
} simulation;

/* Between -1 and 1, the same each time. */
static double noise(size_t i)
{
    uint64_t x = (uint64_t)(i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 29)) * UINT64_C(0xBF58476D1CE4E5B9);
    return 2 * (double)((x ^ (x >> 32)) >> 11) / 0x1p53 - 1;
}

/* From 0.5 s of the smallest dimension and patch size to 40 s, and 40 % more or less by chance. */
static double typical(const ms_point *point)
{
    return 0.1 * (double)point->dimension * (double)point->patch_size / 4;
}

static void set_up(simulation *s)
{
    ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
    ms_error error;
    *s = (simulation){.least = INFINITY, .slowness = 1};
    assert_int_equal(ms_sweep_parse(&s->sweep, "progress", sweep_text, strlen(sweep_text), diagnostics),
                     MS_OK);
    free(diagnostics);
    s->blocks = ms_sweep_block_count(s->sweep);
    assert_int_equal(s->blocks, 192);
    s->seconds = calloc(s->blocks, sizeof *s->seconds);
    s->order = calloc(s->blocks, sizeof *s->order);
    assert_true(s->seconds && s->order);
    assert_int_equal(ms_expectation_alloc(&s->expectation, s->sweep, &error), MS_OK);
    for (size_t b = 0; b < s->blocks; b++)
        s->seconds[b] = typical(&s->sweep->points[ms_sweep_block(s->sweep, b).point]) * (1 + 0.4 * noise(b));
}

static void tear_down(simulation *s)
{
    free(s->seconds);
    free(s->order);
    ms_expectation_free(s->expectation);
    ms_sweep_free(s->sweep);
}

/* A pilot run of each kind, wrong by up to 30 %. */
static void pilot(simulation *s)
{
    for (size_t b = 0; b < s->blocks; b += 16)
        ms_expectation_learn(s->expectation, b,
                             typical(&s->sweep->points[ms_sweep_block(s->sweep, b).point]) / s->slowness *
                                 (1 + 0.3 * noise(1000 + b)));
}

/* Looks at what is told of the time left, from second 1 on; the true end is known later. */
#define LOOKS_MAX 4096
typedef struct looks {
    double now[LOOKS_MAX], left[LOOKS_MAX];
    size_t count;
} looks;

static void note(looks *l, ms_progress *progress, double now)
{
    assert_true(l->count < LOOKS_MAX);
    l->now[l->count] = now;
    l->left[l->count++] = ms_progress_eta(progress, now);
}

static void judge(simulation *s, const looks *l)
{
    for (size_t i = 0; i < l->count; i++) {
        double error = fabs(l->now[i] + l->left[i] - s->made_span) / s->made_span;
        s->unknown += isnan(l->left[i]) ? 1 : 0;
        s->least = fmin(s->least, l->left[i]);
        s->error[0] = fmax(s->error[0], error);
        if (l->now[i] > s->made_span / 2)
            s->error[1] = fmax(s->error[1], error);
    }
}

static void simulate(simulation *s, int ranks, ms_order order)
{
    ms_queue_state *state = calloc(s->blocks, sizeof *state);
    looks *l = calloc(1, sizeof *l);
    ms_progress *progress;
    ms_queue queue;
    ms_error error;
    size_t at[RANKS_MAX], taken = 0, done = 0;
    double end[RANKS_MAX], now = 0, look_at = 1;
    assert_true(state && l && ranks <= RANKS_MAX);
    for (size_t b = 0; b < s->blocks; b++) {
        state[b] = MS_QUEUE_WAITING;
        s->total += s->seconds[b];
    }
    assert_int_equal(ms_queue_init(&queue, s->sweep, s->expectation, order, state, &error), MS_OK);
    assert_int_equal(ms_progress_alloc(&progress, s->sweep, s->expectation, state, ranks, NULL, 0, &error),
                     MS_OK);
    for (int rank = 0; rank < ranks; rank++)
        end[rank] = -1; /* idle */
    while (done < s->blocks) {
        assert_int_equal(ms_queue_rank(&queue, &error), MS_OK);
        for (int rank = 0; rank < ranks && ms_queue_left(&queue) > 0; rank++)
            if (end[rank] < 0) {
                at[rank] = s->order[taken++] = ms_queue_take(&queue);
                end[rank] = now + s->seconds[at[rank]];
                ms_progress_begin(progress, rank, at[rank], now);
            }
        int next = -1;
        for (int rank = 0; rank < ranks; rank++)
            if (end[rank] >= 0 && (next < 0 || end[rank] < end[next]))
                next = rank;
        for (; look_at < end[next]; look_at += 1)
            note(l, progress, look_at);
        now = end[next];
        end[next] = -1;
        ms_progress_finish(progress, next, at[next], s->seconds[at[next]] / s->slowness, 8, 8, now);
        done++;
    }
    s->made_span = now;
    assert_true(ms_progress_eta(progress, now) == 0);
    judge(s, l);
    ms_progress_free(progress);
    ms_queue_free(&queue);
    free(state);
    free(l);
}

/* However well it is done, it takes as long. */
static double bound(const simulation *s, int ranks)
{
    double longest = 0;
    for (size_t b = 0; b < s->blocks; b++)
        longest = fmax(longest, s->seconds[b]);
    return fmax(longest, s->total / ranks);
}

static void the_longest_come_first_and_no_rank_waits_for_one_at_the_end(void **state)
{
    (void)state;
    static const int ranks[] = {2, 8, 32};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++) {
        simulation by_time, by_index;
        set_up(&by_time);
        set_up(&by_index);
        pilot(&by_time);
        simulate(&by_time, ranks[i], MS_ORDER_LONGEST);
        simulate(&by_index, ranks[i], MS_ORDER_INDEX);
        print_message("%d ranks: %.3f of the bound; by index %.3f; time left wrong by %.2f, %.2f\n", ranks[i],
                      by_time.made_span / bound(&by_time, ranks[i]),
                      by_index.made_span / bound(&by_index, ranks[i]), by_time.error[0], by_time.error[1]);
        assert_true(by_time.made_span < 1.05 * bound(&by_time, ranks[i]));
        assert_true(ranks[i] < 8 || by_index.made_span > 1.05 * bound(&by_index, ranks[i]));
        /* fixed before they were measured */
        assert_int_equal(by_time.unknown, 0);
        assert_true(by_time.error[0] < 0.25);
        assert_true(by_time.error[1] < 0.1);
        tear_down(&by_time);
        tear_down(&by_index);
    }
}

/* Nothing but the points is known: the larger ones count as longer, and what is measured corrects that. */
static void without_a_pilot_run_it_learns(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    simulate(&s, 8, MS_ORDER_LONGEST);
    const ms_point *first = &s.sweep->points[ms_sweep_block(s.sweep, s.order[0]).point];
    assert_int_equal(first->dimension, 40);
    assert_int_equal(first->patch_size, 10);
    print_message("nothing known: %.3f of the bound, time left wrong by %.2f, %.2f\n",
                  s.made_span / bound(&s, 8), s.error[0], s.error[1]);
    assert_true(s.made_span < 1.05 * bound(&s, 8));
    assert_int_equal(s.unknown, 0);
    tear_down(&s);
}

/* Here the small ones take long, so that by their sizes the blocks would come the wrong way round. */
static void turn_round(simulation *s)
{
    for (size_t b = 0; b < s->blocks; b++) {
        const ms_point *point = &s->sweep->points[ms_sweep_block(s->sweep, b).point];
        s->seconds[b] *= 100 / typical(point) / typical(point);
    }
}

static void a_pilot_run_counts_more_than_sizes(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    turn_round(&s);
    for (size_t b = 0; b < s.blocks; b += 16)
        ms_expectation_learn(s.expectation, b, s.seconds[b]);
    simulate(&s, 16, MS_ORDER_LONGEST);
    print_message("the wrong way round, tried: %.3f of the bound, time left wrong by %.2f, %.2f\n",
                  s.made_span / bound(&s, 16), s.error[0], s.error[1]);
    assert_true(s.made_span < 1.1 * bound(&s, 16));
    assert_int_equal(s.sweep->points[ms_sweep_block(s.sweep, s.order[0]).point].dimension, 10);
    tear_down(&s);
}

static void it_corrects_an_order_that_was_wrong(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    turn_round(&s);
    simulate(&s, 8, MS_ORDER_LONGEST);
    print_message("the wrong way round: %.3f of the bound, time left wrong by %.2f, %.2f\n",
                  s.made_span / bound(&s, 8), s.error[0], s.error[1]);
    assert_true(s.made_span < 1.1 * bound(&s, 8));
    tear_down(&s);
}

static void a_busy_machine_is_noticed(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    s.slowness = 8;
    pilot(&s);
    simulate(&s, 8, MS_ORDER_LONGEST);
    print_message("eight times as slow: time left wrong by %.2f, %.2f\n", s.error[0], s.error[1]);
    assert_true(s.error[0] < 0.9); /* of second 1 */
    assert_true(s.error[1] < 0.1);
    tear_down(&s);
    set_up(&s);
    s.slowness = 8;
    pilot(&s);
    ms_expectation_see_pace(s.expectation, 0.1, 0.8);
    simulate(&s, 8, MS_ORDER_LONGEST);
    print_message("the same, seen by rank 0: time left wrong by %.2f, %.2f\n", s.error[0], s.error[1]);
    assert_true(s.error[0] < 0.25);
    assert_true(s.error[1] < 0.1);
    tear_down(&s);
}

/* What blocks take is not confused with how busy the machine was meanwhile, and of this the last counts most.
 */
static void others_come_and_go(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    assert_true(ms_expectation_slowness(s.expectation) == 1);
    for (int second = 0; second < 100; second++)
        ms_expectation_see_pace(s.expectation, 1, 1);
    assert_true(fabs(ms_expectation_slowness(s.expectation) - 1) < 1e-9);
    for (int second = 0; second < 25; second++) /* others have come: 100 seconds by the clock, too */
        ms_expectation_see_pace(s.expectation, 1, 4);
    double slowness = ms_expectation_slowness(s.expectation);
    print_message("%.2f times as slow, in the second half 4 times\n", slowness);
    assert_true(slowness > 200.0 / 125 && slowness < 4);
    ms_expectation_learn(s.expectation, 0, 1);
    assert_true(fabs(ms_expectation_seconds(s.expectation, 1) - 1) < 1e-6);
    tear_down(&s);
}

static void a_block_that_is_overdue_is_not_nearly_done(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    for (size_t b = 0; b < s.blocks; b++)
        s.seconds[b] = 2;
    s.seconds[100] = 300;
    pilot(&s);
    simulate(&s, 8, MS_ORDER_LONGEST);
    assert_true(s.made_span >= 300);
    print_message("one of 300 s: least time left told %.2f\n", s.least);
    assert_true(s.least >= 0.4); /* a fifth of the two seconds */
    tear_down(&s);
}

static void what_earlier_starts_have_spent_counts(void **state)
{
    (void)state;
    ms_error error;
    simulation s;
    set_up(&s);
    ms_expectation_learn(s.expectation, 0, 10);
    assert_true(fabs(ms_expectation_left(s.expectation, 1) - 10) < 1e-6);
    assert_int_equal(ms_expectation_spend(s.expectation, 1, 4, &error), MS_OK);
    assert_true(fabs(ms_expectation_left(s.expectation, 1) - 6) < 1e-6);
    assert_true(fabs(ms_expectation_left(s.expectation, 2) - 10) < 1e-6);
    assert_int_equal(ms_expectation_spend(s.expectation, 1, 40, &error), MS_OK);
    assert_true(ms_expectation_left(s.expectation, 1) > 0);
    tear_down(&s);
}

/* Pilot runs may have been too few for all kinds. */
static void a_kind_takes_after_the_nearest_that_is_known(void **state)
{
    (void)state;
    simulation s;
    set_up(&s);
    size_t kind = s.blocks / 12;
    ms_expectation_learn(s.expectation, 0, 1);
    assert_true(fabs(ms_expectation_seconds(s.expectation, 11 * kind) - 1) < 1e-6);
    ms_expectation_learn(s.expectation, 11 * kind, 40);
    assert_true(fabs(ms_expectation_seconds(s.expectation, kind) - 1) < 1e-6);
    assert_true(fabs(ms_expectation_seconds(s.expectation, 8 * kind) - 40) < 1e-6);
    ms_expectation_learn(s.expectation, 7 * kind, 6);
    assert_true(fabs(ms_expectation_seconds(s.expectation, 4 * kind) - 6) < 1e-6);
    tear_down(&s);
}

static void a_path_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char line[128] = "";
    FILE *file = tmpfile();
    assert_non_null(file);
    ms_display display = ms_display_open(file, MS_DISPLAY_AUTO);
    display.began -= 100;
    display.shown -= 100;
    ms_share_progress_show(&display, "creating", "a\x1b[2J\xC2\x9B.h5", 0.37);
    ms_display_close(&display);
    rewind(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "modeseek: creating a?[2J?.h5: 37 %\n");
    fclose(file);
}

/* Lines every ten seconds at first; a day's log has some hundreds. */
static void lines_become_rare(void **state)
{
    (void)state;
    size_t in_minute = 0, in_day = 0;
    ms_display display = {.terminal = -1};
    for (int now = 1; now <= 86400; now++)
        if (ms_display_is_due(&display, now)) {
            display.shown = now;
            in_minute += now <= 60;
            in_day++;
        }
    assert_int_equal(in_minute, 6);
    assert_in_range(in_day, 250, 350);
    assert_true(86400 - display.shown < 300);
}

/* Where no rule says what a discovery is, none are told of. */
static void without_rules_no_discoveries_are_told(void **state)
{
    (void)state;
    char text[sizeof sweep_text + 64], line[256];
    size_t length;
    snprintf(text, sizeof text, "%sdiscovery: {rules: []}\n", sweep_text);
    for (int has_rules = 0; has_rules < 2; has_rules++) {
        ms_sweep *sweep;
        ms_expectation *expectation;
        ms_progress *progress;
        ms_error error;
        ms_diagnostics *diagnostics = calloc(1, sizeof *diagnostics);
        const char *read = has_rules ? sweep_text : text;
        FILE *file = tmpfile();
        assert_true(diagnostics && file);
        assert_int_equal(ms_sweep_parse(&sweep, "progress", read, strlen(read), diagnostics), MS_OK);
        free(diagnostics);
        ms_queue_state *blocks = calloc(ms_sweep_block_count(sweep), sizeof *blocks);
        assert_non_null(blocks);
        for (size_t b = 0; b < ms_sweep_block_count(sweep); b++)
            blocks[b] = MS_QUEUE_WAITING;
        assert_int_equal(ms_expectation_alloc(&expectation, sweep, &error), MS_OK);
        ms_display display = ms_display_open(file, MS_DISPLAY_LINES);
        assert_int_equal(ms_progress_alloc(&progress, sweep, expectation, blocks, 1, &display, 0, &error),
                         MS_OK);
        ms_progress_begin(progress, 0, 0, 0);
        ms_progress_finish(progress, 0, 0, 1, 8, 3, 20);
        ms_progress_end(progress, 20);
        rewind(file);
        length = fread(line, 1, sizeof line - 1, file);
        line[length] = '\0';
        assert_non_null(strstr(line, "1 of 192 blocks"));
        assert_int_equal(strstr(line, "37.5 % of 8 chains") != NULL, has_rules);
        ms_progress_free(progress);
        ms_expectation_free(expectation);
        ms_display_close(&display);
        fclose(file);
        free(blocks);
        ms_sweep_free(sweep);
    }
}

/* What is drawn in a terminal of so many columns, without the codes. */
static void draw(unsigned columns, double share, char *text, size_t size)
{
    static const char *const part[] = {"3 of 10 blocks", "left 0:05", "elapsed 0:02", "50.0 % of \u00e9"};
    char width[16];
    FILE *file = tmpfile();
    assert_non_null(file);
    snprintf(width, sizeof width, "%u", columns);
    setenv("COLUMNS", width, 1);
    ms_display display = ms_display_open(file, MS_DISPLAY_BAR);
    ms_display_bar(&display, 0, share, part, 4);
    rewind(file);
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    static const char end[] = "\033[K\r";
    assert_true(length > strlen(end) && text[0] == '\r');
    assert_string_equal(text + length - strlen(end), end);
    text[length - strlen(end)] = '\0';
    memmove(text, text + 1, length - strlen(end));
}

static void a_bar_fills_the_width_and_no_more(void **state)
{
    (void)state;
    char text[1024];
    draw(81, 0.5, text, sizeof text);
    assert_string_equal(
        text, "[#########---------]  50 %  3 of 10 blocks, left 0:05, elapsed 0:02, 50.0 % of \u00e9");
    draw(78, 0.5, text, sizeof text); /* too narrow for the last part */
    assert_string_equal(text,
                        "[##############--------------]  50 %  3 of 10 blocks, left 0:05, elapsed 0:02");
    draw(41, 0, text, sizeof text);
    assert_string_equal(text, "[----------------]   0 %  3 of 10 blocks");
    draw(10, 0.999, text, sizeof text);
    assert_string_equal(text, " 99 %");
    draw(1, 1, text, sizeof text);
    assert_string_equal(text, "100 %");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_come_first_and_no_rank_waits_for_one_at_the_end),
        cmocka_unit_test(without_a_pilot_run_it_learns),
        cmocka_unit_test(a_pilot_run_counts_more_than_sizes),
        cmocka_unit_test(it_corrects_an_order_that_was_wrong),
        cmocka_unit_test(a_busy_machine_is_noticed),
        cmocka_unit_test(others_come_and_go),
        cmocka_unit_test(a_block_that_is_overdue_is_not_nearly_done),
        cmocka_unit_test(what_earlier_starts_have_spent_counts),
        cmocka_unit_test(a_kind_takes_after_the_nearest_that_is_known),
        cmocka_unit_test(lines_become_rare),
        cmocka_unit_test(without_rules_no_discoveries_are_told),
        cmocka_unit_test(a_bar_fills_the_width_and_no_more),
        cmocka_unit_test(a_path_cannot_steer_the_terminal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
