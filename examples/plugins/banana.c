/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bent Gaussian, the banana of Haario, Saksman and Tamminen (1999): x_1 ~ N(0, scale^2), x_2 + bend (x_1^2
 * - scale^2) ~ N(0, 1), all other coordinates N(0, 1), independent. Its modes are the middle and the two
 * ends.
 *
 *     cc -shared -fPIC -O2 -ffp-contract=off banana.c -o banana.so $(pkg-config --cflags modeseek) -lm
 */
#include <math.h>
#include <modeseek/plugin.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct banana {
    size_t dimension;
    double bend, scale;
} banana;

static int create(size_t dimension, const double *parameters, size_t parameter_count, const double *data,
                  size_t rows, size_t columns, void **self, char *message, size_t size)
{
    (void)parameter_count;
    (void)data;
    (void)rows;
    (void)columns;
    if (!(parameters[1] > 0)) {
        snprintf(message, size, "scale is %g; it must be positive", parameters[1]);
        return 1;
    }
    banana *b = malloc(sizeof *b);
    if (!b) {
        snprintf(message, size, "out of memory");
        return 1;
    }
    *b = (banana){dimension, parameters[0], parameters[1]};
    *self = b;
    return 0;
}

static void destroy(void *self)
{
    free(self);
}

static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    const banana *b = self;
    const size_t d = b->dimension;
    const double variance = b->scale * b->scale;
    for (size_t i = 0; i < count; i++, x += d, score += d) {
        const double u = x[0], straight = x[1] + b->bend * (u * u - variance);
        double sum = u * u / variance + straight * straight;
        score[0] = -u / variance - 2 * b->bend * u * straight;
        score[1] = -straight;
        for (size_t j = 2; j < d; j++) {
            sum += x[j] * x[j];
            score[j] = -x[j];
        }
        log_density[i] = -0.5 * sum;
    }
    return 0;
}

static size_t modes(void *self)
{
    (void)self;
    return 3;
}

/* The middle of the banana at x_1 = 0, 2 scale, -2 scale. */
static double first_coordinate(const banana *b, size_t mode)
{
    return mode == 0 ? 0 : mode == 1 ? 2 * b->scale : -2 * b->scale;
}

static int centre(void *self, size_t mode, double *x)
{
    const banana *b = self;
    const double u = first_coordinate(b, mode);
    for (size_t j = 2; j < b->dimension; j++)
        x[j] = 0;
    x[0] = u;
    x[1] = -b->bend * (u * u - b->scale * b->scale);
    return 0;
}

/* Mode 0: exact draws of the whole banana. The others: with x_1 where the mode is. */
static int draw(void *self, size_t mode, size_t count, const double *normal, const double *uniform, double *x)
{
    const banana *b = self;
    (void)uniform;
    for (size_t i = 0; i < count; i++, normal += b->dimension, x += b->dimension) {
        const double u = mode == 0 ? b->scale * normal[0] : first_coordinate(b, mode);
        for (size_t j = 2; j < b->dimension; j++)
            x[j] = normal[j];
        x[0] = u;
        x[1] = normal[1] - b->bend * (u * u - b->scale * b->scale);
    }
    return 0;
}

/* Bending does not change volumes. */
static double log_normaliser(void *self)
{
    const banana *b = self;
    const double log_2_pi = 1.8378770664093454836;
    return 0.5 * (double)b->dimension * log_2_pi + log(b->scale);
}

const ms_plugin *modeseek_plugin(void)
{
    static const ms_plugin_parameter parameters[] = {{"bend", 0.1}, {"scale", 10}};
    static const ms_plugin table = {.abi = MS_PLUGIN_ABI,
                                    .size = sizeof table,
                                    .name = "banana",
                                    .dimension_min = 2,
                                    .parameters = parameters,
                                    .parameter_count = 2,
                                    .create = create,
                                    .destroy = destroy,
                                    .evaluate = evaluate,
                                    .modes = modes,
                                    .centre = centre,
                                    .draw = draw,
                                    .log_normaliser = log_normaliser};
    return &table;
}
