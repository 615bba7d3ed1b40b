/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior of a logistic regression: P(y = 1) = 1 / (1 + exp(-t)), t = sum_j x_j z_j, with the prior x_j
 * ~ N(0, prior_variance). Each row of the data has the covariates z_1, z_2, ... and, in its last column, y: 0
 * or 1. For an intercept let one covariate be 1 in all rows.
 *
 *     cc -shared -fPIC -O2 -ffp-contract=off logistic_regression.c -o logistic_regression.so \
 *         $(pkg-config --cflags modeseek) -lm
 */
#include <math.h>
#include <modeseek/plugin.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct regression {
    const double *data; /* modeseek's, as long as this lives */
    size_t rows, covariates;
    double prior_variance;
} regression;

static int create(size_t dimension, const double *parameters, size_t parameter_count, const double *data,
                  size_t rows, size_t columns, void **self, char *message, size_t size)
{
    (void)parameter_count;
    if (dimension != columns - 1) {
        snprintf(message, size, "the data have %zu columns, one of them the label: the dimension must be %zu",
                 columns, columns - 1);
        return 1;
    }
    if (!(parameters[0] > 0)) {
        snprintf(message, size, "prior_variance is %g; it must be positive", parameters[0]);
        return 1;
    }
    for (size_t i = 0; i < rows; i++) {
        const double y = data[i * columns + dimension];
        if (y != 0 && y != 1) {
            snprintf(message, size, "the label in row %zu of the data is %g; it must be 0 or 1", i + 1, y);
            return 1;
        }
    }
    regression *r = malloc(sizeof *r);
    if (!r) {
        snprintf(message, size, "out of memory");
        return 1;
    }
    *r = (regression){data, rows, dimension, parameters[0]};
    *self = r;
    return 0;
}

static void destroy(void *self)
{
    free(self);
}

static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    const regression *r = self;
    const size_t d = r->covariates;
    for (size_t i = 0; i < count; i++, x += d, score += d) {
        double sum = 0;
        for (size_t j = 0; j < d; j++) {
            sum -= 0.5 * x[j] * x[j] / r->prior_variance;
            score[j] = -x[j] / r->prior_variance;
        }
        for (size_t row = 0; row < r->rows; row++) {
            const double *z = r->data + row * (d + 1), y = z[d];
            double t = 0;
            for (size_t j = 0; j < d; j++)
                t += x[j] * z[j];
            /* log(1 + exp(t)) and its derivative, without overflow */
            const double small = exp(-fabs(t));
            const double probability = t > 0 ? 1 / (1 + small) : small / (1 + small);
            sum += y * t - (t > 0 ? t : 0) - log1p(small);
            for (size_t j = 0; j < d; j++)
                score[j] += (y - probability) * z[j];
        }
        log_density[i] = sum;
    }
    return 0;
}

const ms_plugin *modeseek_plugin(void)
{
    static const ms_plugin_parameter parameters[] = {{"prior_variance", 1}};
    static const ms_plugin table = {.abi = MS_PLUGIN_ABI,
                                    .size = sizeof table,
                                    .name = "logistic_regression",
                                    .dimension_min = 1,
                                    .parameters = parameters,
                                    .parameter_count = 1,
                                    .needs_data = 1,
                                    .create = create,
                                    .destroy = destroy,
                                    .evaluate = evaluate};
    return &table;
}
