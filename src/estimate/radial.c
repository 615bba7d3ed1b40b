/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With nu = directions/2 - 1 and x = to * from / variance the density is
 *     to / variance * H_nu,   H_N = (to/from)^N exp(-(to^2 + from^2) / (2 variance)) I_N(x).
 * H_N of large N comes from Debye's uniform expansion of the Bessel function, in which everything large has
 * cancelled, that of small N from the recurrence downwards, whose terms are all positive. */
#include "estimate/radial.h"

#include "random/elementary.h"

#include <math.h>

#define TWO_PI 6.283185307179586477
#define LOWEST 24 /* the order from which 10 terms are exact to 2e-15 */
#define TERMS  10

/* u_k(t) = t^k * (debye[k][0] + debye[k][1] t^2 + ...); Abramowitz and Stegun 9.3.9, 9.3.10 */
static const double debye[TERMS + 1][TERMS + 1] = {
    {1.0},
    {0.125, -0.20833333333333334},
    {0.0703125, -0.4010416666666667, 0.3342013888888889},
    {0.0732421875, -0.8912109375, 1.8464626736111112, -1.0258125964506173},
    {0.112152099609375, -2.3640869140625, 8.78912353515625, -11.207002616222994, 4.669584423426247},
    {0.22710800170898438, -7.368794359479632, 42.53499874538846, -91.81824154324002, 84.63621767460073,
     -28.212072558200244},
    {0.5725014209747314, -26.491430486951554, 218.1905117442116, -699.5796273761325, 1059.9904525279999,
     -765.2524681411817, 212.57013003921713},
    {1.7277275025844574, -108.09091978839466, 1200.9029132163525, -5305.646978613403, 11655.393336864534,
     -13586.550006434138, 8061.722181737309, -1919.457662318407},
    {6.074042001273483, -493.915304773088, 7109.514302489364, -41192.65496889755, 122200.46498301746,
     -203400.17728041555, 192547.00123253153, -96980.59838863752, 20204.29133096615},
    {24.380529699556064, -2499.8304818112097, 45218.76898136273, -331645.1724845636, 1268365.2733216248,
     -2813563.226586534, 3763271.297656404, -2998015.9185381066, 1311763.6146629772, -242919.18790055133},
    {110.01714026924674, -13886.08975371704, 308186.4046126624, -2785618.1280864547, 13288767.166421818,
     -37567176.66076335, 66344512.27472903, -74105148.21153265, 50952602.49266464, -19706819.118432228,
     3284469.853072038},
};

/* sum over k of u_k(t) / N^k */
static double expansion(double t, double order)
{
    double square = t * t, sum = 0;
    for (int k = TERMS; k >= 0; k--) {
        double u = debye[k][k];
        for (int j = k - 1; j >= 0; j--)
            u = u * square + debye[k][j];
        sum = sum * (t / order) + u;
    }
    return sum;
}

/* H_N, N >= LOWEST */
static double of_large_order(double order, double to, double from, double variance)
{
    double z = to * from / variance / order, w = sqrt(1 + z * z), away = to - from;
    double log_ratio = ms_log(to * to / variance / (order * (1 + w)));
    double exponent = order * log_ratio + order / (w + z) - away * away / (2 * variance);
    return ms_exp(exponent) / sqrt(TWO_PI * order * w) * expansion(1 / w, order);
}

double ms_radial_density(double to, double from, size_t directions, double variance)
{
    double order = 0.5 * (double)directions - 1;
    int above = order < LOWEST ? (int)ceil(LOWEST - order) : 0;
    double h = of_large_order(order + above, to, from, variance);
    if (above > 0) {
        double next = of_large_order(order + above + 1, to, from, variance);
        double per_order = 2 * variance / (to * to), square = from / to * (from / to);
        for (int k = above; k > 0; k--) {
            double lower = per_order * (order + k) * h + square * next;
            next = h;
            h = lower;
        }
    }
    return to / variance * h;
}
