/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long does Langevin dynamics take to find a mode? Measures the mean first-passage time of the reference
 * target in two dimensions and compares it with its exact value.
 *
 *     cc first_passage.c $(pkg-config --cflags --libs modeseek) -lm && ./a.out
 */
#include <math.h>
#include <modeseek/modeseek.h>
#include <stdio.h>

enum { DIMENSION = 2, COMPONENTS = 3, MODES = COMPONENTS - 1, CHAINS = 200000 };

int main(void)
{
    const double weight[COMPONENTS] = {0.2, 0.4, 0.4}, variance[COMPONENTS] = {3, 1, 1};
    const double mean[COMPONENTS * DIMENSION] = {0, 0, 1, 1, -1, -1};
    const double exact = 4.888244542; /* iterations, by quadrature */

    ms_error error = {0};
    ms_target *target = NULL;
    ms_run *run = NULL;
    const ms_mixture_params mixture = {.dimension = DIMENSION,
                                       .components = COMPONENTS,
                                       .weight = weight,
                                       .mean = mean,
                                       .variance = variance};
    if (ms_target_alloc(&target, ms_target_gaussian_mixture, &mixture, &error) != MS_OK)
        goto fail;

    ms_clause events[MS_RULE_COUNT * MODES]; /* the first MODES are those of the rule `ball` */
    ms_discovery_events(target, ms_discovery_radius_squared(target), events);
    ms_run_params params;
    ms_run_params_init(&params); /* Langevin dynamics with step size 0.1, started in component 0 */
    params.target = target;
    params.iterations = UINT64_C(1) << 40;
    params.chains = CHAINS;
    params.clauses = events;
    params.clause_count = MODES;
    params.stop_when_discovered = true;
    params.key = 1; /* of the random numbers */
    if (ms_run_alloc(&run, &params, &error) != MS_OK ||
        ms_run_advance(run, params.iterations, &error) != MS_OK)
        goto fail;

    double sum = 0, square_sum = 0;
    for (size_t chain = 0; chain < CHAINS; chain++) {
        int64_t time[MODES];
        for (size_t mode = 0; mode < MODES; mode++)
            time[mode] = ms_run_event_time(run, chain, mode);
        const double first = (double)ms_discovery_any(time, MODES);
        sum += first;
        square_sum += first * first;
    }
    const double measured = sum / CHAINS;
    const double standard_error = sqrt((square_sum / CHAINS - measured * measured) / CHAINS);
    printf("mean first-passage time: exact %.9f, measured %.4f +- %.4f iterations (%d chains)\n", exact,
           measured, standard_error, CHAINS);
    ms_run_free(run);
    ms_target_free(target);
    return fabs(measured - exact) <= 4 * standard_error ? 0 : 1;

fail:
    fprintf(stderr, "%s\n", error.message);
    ms_run_free(run);
    ms_target_free(target);
    return 2;
}
