/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polynomials for a marginal's table. The derivative g' is interpolated at Chebyshev points and integrated,
 * so that the polynomial's derivative, the score, is as good as g' is. Nothing but additions, multiplications
 * and divisions: the same bits everywhere. */
#include "target/marginal.h"

#include <math.h>
#include <string.h>

enum { points = 16, degree = MS_MARGINAL_COEFFICIENTS - 2 }; /* of the derivative */

/* cos(pi m / 32) */
static double cosine(int m)
{
    static const double quarter[17] = {1,
                                       0.9951847266721969,
                                       0.9807852804032304,
                                       0.9569403357322088,
                                       0.9238795325112867,
                                       0.881921264348355,
                                       0.8314696123025452,
                                       0.773010453362737,
                                       0.7071067811865476,
                                       0.6343932841636455,
                                       0.5555702330196022,
                                       0.47139673682599764,
                                       0.3826834323650898,
                                       0.2902846772544624,
                                       0.19509032201612828,
                                       0.0980171403295606,
                                       0};
    m %= 64;
    m = m > 32 ? 64 - m : m;
    return m > 16 ? -quarter[32 - m] : quarter[m];
}

/* The coefficients of powers of x of sum_i chebyshev[i] T_i(x). */
static void expand(const double chebyshev[degree + 1], double power[degree + 1])
{
    double now[degree + 1] = {1}, next[degree + 1] = {0, 1};
    memset(power, 0, (degree + 1) * sizeof *power);
    for (int i = 0; i <= degree; i++) {
        double after[degree + 1] = {0}; /* T_{i+2} = 2 x T_{i+1} - T_i */
        for (int j = 0; j <= degree; j++) {
            power[j] += chebyshev[i] * now[j];
            after[j] = (j > 0 ? 2 * next[j - 1] : 0) - now[j];
        }
        memcpy(now, next, sizeof now);
        memcpy(next, after, sizeof next);
    }
}

/* g on [middle - half, middle + half]. What is interpolated is g'(z) - g'(middle), because its errors are
 * smaller. */
static void fit(ms_marginal_form *form, int interval, double middle, double half, ms_marginal_function *g,
                const void *context)
{
    double chebyshev[degree + 1] = {0}, power[degree + 1], slope_there, scale = 1;
    form->coefficient[0][interval] = g(context, middle, &slope_there);
    for (int point = 0; point < points; point++) {
        double slope;
        g(context, middle + half * cosine(2 * point + 1), &slope);
        for (int i = 0; i <= degree; i++)
            chebyshev[i] +=
                (slope - slope_there) * cosine((2 * point + 1) * i) * ((i > 0 ? 2.0 : 1.0) / points);
    }
    chebyshev[0] += slope_there;
    expand(chebyshev, power);
    for (int i = 0; i <= degree; i++) {
        form->coefficient[i + 1][interval] = power[i] / scale / (i + 1);
        scale *= half;
    }
}

/* 2 + density |z - start| where the interval of that place on its side begins. */
static double beginning(const ms_marginal_form *form, int place)
{
    uint64_t bits = ((UINT64_C(0x400) << form->fraction_bits) + (uint64_t)place)
                    << (52 - form->fraction_bits);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

void ms_marginal_tabulate(ms_marginal_form *form, int upwards, ms_marginal_function *g, const void *context)
{
    form->has_table = true;
    memset(form->coefficient, 0, sizeof form->coefficient);
    /* a little less than would do, because nothing may be rounded into the interval after the last */
    form->density = (beginning(form, upwards) - 2) / (form->high - form->start) * (1 - 0x1p-30);
    for (int interval = 0; interval < MS_MARGINAL_INTERVALS; interval++) {
        bool up = interval < upwards;
        int place = up ? interval : MS_MARGINAL_INTERVALS - 1 - interval;
        double begin = (beginning(form, place) - 2) / form->density;
        double end = (beginning(form, place + 1) - 2) / form->density;
        double middle = form->start + (up ? 0.5 : -0.5) * (begin + end), half = 0.5 * (end - begin);
        form->middle[interval] = middle;
        if (middle + half >= form->low && middle - half <= form->high)
            fit(form, interval, middle, half, g, context);
        for (int i = 0; i < MS_MARGINAL_COEFFICIENTS; i++)
            form->row[interval][i] = form->coefficient[i][interval];
    }
}
