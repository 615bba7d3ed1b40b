/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "observe/gamma.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#define SQRT_TWO_PI   2.5066282746310005
#define NEARLY_NORMAL 1e9 /* a above which Wilson and Hilferty's approximation is exact to 1e-13 */

/* log(1 + u) - u, to full relative precision also near 0: log(1 + u) = 2 artanh(r) with r = u / (2 + u). */
static double log1p_minus(double u)
{
    if (u < -0.5 || u > 0.5)
        return log1p(u) - u;
    double r = u / (2 + u), power = r * r, sum = 0;
    for (int k = 3; power > DBL_EPSILON * DBL_EPSILON && k < 100; k += 2) {
        sum += power / k;
        power *= r * r;
    }
    return r * (2 * sum - u); /* 2 r = u - r u */
}

/* x^a e^-x / Gamma(a + 1). For large a by Stirling's series, in which the large logarithms have cancelled. */
static double gamma_term(double a, double x)
{
    if (x <= 0)
        return 0;
    if (a < 16)
        return exp(a * log(x) - x) / tgamma(a + 1);
    double s = 1 / (a * a);
    double correction = (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / a;
    return exp(a * log1p_minus((x - a) / a) - correction) / (SQRT_TWO_PI * sqrt(a));
}

/* Terms after which series and fraction have converged wherever they are used. */
static long terms_max(double a)
{
    return 1000 + (long)(20 * sqrt(a));
}

/* P / term: 1 + x/(a+1) + x^2/((a+1)(a+2)) + ... (Abramowitz and Stegun 6.5.29) */
static double series(double a, double x)
{
    double sum = 1, summand = 1;
    long last = terms_max(a);
    for (long n = 1; n < last && summand > sum * DBL_EPSILON / 4; n++) {
        summand *= x / (a + (double)n);
        sum += summand;
    }
    return sum;
}

/* Q / (term * a): the continued fraction 1/(x+1-a- 1(1-a)/(x+3-a- ...)) (6.5.31), by Lentz's method */
static double fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, value = d;
    long last = terms_max(a);
    for (long n = 1; n < last; n++) {
        double numerator = -(double)n * ((double)n - a);
        b += 2;
        d = 1 / (numerator * d + b);
        c = b + numerator / c;
        value *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON)
            break;
    }
    return value;
}

double ms_gamma_P(double a, double x)
{
    return x < a + 1 ? gamma_term(a, x) * series(a, x) : 1 - ms_gamma_Q(a, x);
}

double ms_gamma_Q(double a, double x)
{
    return x < a + 1 ? 1 - ms_gamma_P(a, x) : gamma_term(a, x) * a * fraction(a, x);
}

/* Newton's method within a bracket, which is halved where a step would leave it. */
static double inverse(double a, double probability, bool upper)
{
    if (a > NEARLY_NORMAL) {
        double z = gsl_cdf_ugaussian_Pinv(probability), c = 1 / (9 * a);
        return a * pow(1 - c + (upper ? -z : z) * sqrt(c), 3);
    }
    double low = 0, high = a + 1;
    while ((upper ? ms_gamma_Q(a, high) > probability : ms_gamma_P(a, high) < probability) && high < 1e300) {
        low = high;
        high *= 2;
    }
    double x = 0.5 * (low + high);
    for (int i = 0; i < 200; i++) {
        double excess = upper ? probability - ms_gamma_Q(a, x) : ms_gamma_P(a, x) - probability;
        if (excess < 0)
            low = x;
        else
            high = x;
        double next = x - excess * x / (a * gamma_term(a, x)); /* the density is term * a / x */
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        double change = fabs(next - x);
        x = next;
        if (change <= 2 * DBL_EPSILON * x)
            break;
    }
    return x;
}

double ms_gamma_P_inverse(double a, double p)
{
    return inverse(a, p, false);
}

double ms_gamma_Q_inverse(double a, double q)
{
    return inverse(a, q, true);
}
