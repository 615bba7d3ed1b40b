/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/ends.h"

#include <math.h>
#include <modeseek/run.h>

#define STEPS      400 /* of the integral over a block's time */
#define GROUPS_MAX 32  /* for which the number of groups is exact: it takes a millisecond for so many */
#define ENDED_MIN  10  /* chains, before their times say anything */

void ms_ends_add(ms_ends *ends, const int64_t *time, size_t events, uint64_t observed)
{
    bool ended = true;
    ends->events = events < MS_ENDS_EVENTS_MAX ? events : MS_ENDS_EVENTS_MAX;
    for (size_t e = 0; e < ends->events; e++) {
        ends->happened[e] += time[e] != MS_CENSORED;
        ends->at_risk[e] += time[e] != MS_CENSORED ? (double)time[e] : (double)observed;
        ended &= time[e] != MS_CENSORED;
    }
    ends->chains++;
    ends->ended += ended;
    ends->observed += (double)observed;
}

bool ms_ends_leave_open(const ms_ends *ends, uint64_t iterations)
{
    for (size_t e = 0; e < ends->events; e++)
        if (ends->happened[e] == 0 && ends->at_risk[e] > 0 && ends->at_risk[e] < (double)iterations)
            return true;
    return false;
}

/* Events in an iteration at risk; infinite where they happen at once. */
static double rate(const ms_ends *ends, size_t event)
{
    return ends->at_risk[event] > 0 ? ends->happened[event] / ends->at_risk[event] : INFINITY;
}

/* Probability that not all events of a chain have happened by `iteration`. */
static double waiting(const ms_ends *ends, double iteration)
{
    double all = 1;
    for (size_t e = 0; e < ends->events; e++)
        if (isfinite(rate(ends, e)))
            all *= -expm1(-rate(ends, e) * iteration);
    return 1 - all;
}

/* The mean time until a chain has ended against that of independent events. A chain that has found one mode
 * stays there for long, so the time to find all of them is longer. 1 where fewer than half of the chains
 * ended, so that they say little, or ended later than with their last event. */
static double stretch(const ms_ends *ends, const ms_ends_block *block)
{
    if (block->at_least > 0 || ends->ended < ENDED_MIN || 2 * ends->ended < ends->chains)
        return 1;
    double least = INFINITY, mean = 0, last = 0;
    for (size_t e = 0; e < ends->events; e++)
        least = fmin(least, rate(ends, e));
    for (int i = 1; i <= STEPS; i++) {
        double next = expm1(log1p(50 / least) * i / STEPS);
        mean += (next - last) * waiting(ends, 0.5 * (last + next));
        last = next;
    }
    return mean > 0 ? ends->observed / ends->ended / mean : 1;
}

double ms_ends_pause(double iteration)
{
    return iteration < 128 ? 16 : fmin(iteration / 8, 65536);
}

/* Groups that so many chains fill. */
static double filled_by(const ms_ends_block *block, size_t chains)
{
    return ceil((double)chains / (double)block->group);
}

/* Mean of the number of groups that a binomial number of chains fill: a sum over that number, from the most
 * probable one up and down, where the next is so much more or less probable. */
static double filled_exactly(const ms_ends_block *block, double running)
{
    size_t n = block->chains, middle = (size_t)((double)n * running);
    double odds = running / (1 - running), share = 1, all = 1, sum = filled_by(block, middle);
    for (size_t k = middle; k < n; k++) {
        share *= (double)(n - k) / (double)(k + 1) * odds;
        all += share;
        sum += share * filled_by(block, k + 1);
    }
    share = 1;
    for (size_t k = middle; k > 0; k--) {
        share *= (double)k / (double)(n - k + 1) / odds;
        all += share;
        sum += share * filled_by(block, k - 1);
    }
    return sum / all;
}

/* Expected number of groups that the chains fill, each of them running with this probability. Of very many
 * all are full but one, which has half of its places, if any is running. */
static double filled(const ms_ends_block *block, double running)
{
    double chains = (double)block->chains, group = (double)block->group,
           groups = filled_by(block, block->chains);
    if (!(running > 0))
        return 0;
    if (!(running < 1))
        return groups;
    if (groups <= GROUPS_MAX)
        return filled_exactly(block, running);
    double any = -expm1(chains * log1p(-running)), mean = chains * running / group;
    return fmin(fmax(mean + 0.5 * (1 - 1 / group) * any, any), groups);
}

double ms_ends_expected(const ms_ends *ends, const ms_ends_block *block)
{
    double iterations = (double)block->iterations;
    if (block->at_least >= block->iterations)
        return iterations * filled_by(block, block->chains);
    /* times spread over orders of magnitude: equal steps in the logarithm of 1 + time */
    double stretched = stretch(ends, block), total = 0, last = 0, step = log1p(iterations) / STEPS;
    for (int i = 1; i <= STEPS; i++) {
        double next = expm1(step * i), middle = 0.5 * (last + next);
        double seen = fmax(middle - 0.5 * ms_ends_pause(middle), 0); /* before, nobody was sorted out */
        double running = seen < (double)block->at_least ? 1 : waiting(ends, seen / stretched);
        total += filled(block, running) * (next - last);
        last = next;
    }
    return total;
}
