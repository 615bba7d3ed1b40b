/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard normals. Beyond x_1 = edge functions fail: they crash, return an error where `crashes` is 0, or
 * end the program as if all were well where it is 2. */
#include <fenv.h>
#include <modeseek/plugin.h>
#include <signal.h>
#include <stdlib.h>

typedef struct cliff {
    size_t dimension;
    double edge, crashes;
} cliff;

static int create(size_t dimension, const double *parameters, size_t parameter_count, const double *data,
                  size_t rows, size_t columns, void **self, char *message, size_t size)
{
    (void)parameter_count;
    (void)data;
    (void)rows;
    (void)columns;
    (void)message;
    (void)size;
    cliff *c = malloc(sizeof *c);
    if (c)
        *c = (cliff){dimension, parameters[0], parameters[1]};
    *self = c;
    return c == NULL;
}

static int evaluate(void *self, size_t count, const double *x, double *log_density, double *score)
{
    const cliff *c = self;
    for (size_t i = 0; i < count; i++, x += c->dimension, score += c->dimension) {
        if (x[0] > c->edge && c->crashes == 2)
            exit(0);
        if (x[0] > c->edge && c->crashes != 0)
            raise(SIGSEGV);
        if (x[0] > c->edge)
            return 7;
        log_density[i] = 0;
        for (size_t j = 0; j < c->dimension; j++) {
            log_density[i] -= x[j] * x[j] / 2;
            score[j] = -x[j];
        }
    }
    return 0;
}

/* As start-up code of compilers does for -ffast-math: other arithmetic for the whole program. */
__attribute__((constructor)) static void round_up(void)
{
    fesetround(FE_UPWARD);
}

const ms_plugin *modeseek_plugin(void)
{
    static const ms_plugin_parameter parameters[] = {{"edge", 1e300}, {"crashes", 1}};
    static const ms_plugin table = {.abi = MS_PLUGIN_ABI,
                                    .size = sizeof table,
                                    .name = "cliff",
                                    .parameters = parameters,
                                    .parameter_count = 2,
                                    .create = create,
                                    .destroy = free,
                                    .evaluate = evaluate};
    return &table;
}
