/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incomplete gamma functions and their inverse, for chi-square quantiles. GSL has them, but calls its error
 * handler, which ends the program, where an iteration of its own does not converge: gsl_cdf_chisq_Pinv does
 * at 1736 discoveries, and nearly always near a million. */
#ifndef MS_GAMMA_H
#define MS_GAMMA_H

/* P(Gamma(a) <= x) and P(Gamma(a) > x); a > 0, x >= 0. Relative errors below 1e-11 for a up to 1e9. */
double ms_gamma_P(double a, double x);
double ms_gamma_Q(double a, double x);

/* The x with P(a, x) = p, or with Q(a, x) = q; p and q in (0, 1). */
double ms_gamma_P_inverse(double a, double p);
double ms_gamma_Q_inverse(double a, double q);

#endif
