/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file plugin.h
 * A target of your own: what a shared object tells modeseek about it. For C99 and later, C++ and, through
 * bind(C), Fortran; nothing of modeseek is linked. It exports one function,
 *
 *     MS_PLUGIN_EXPORT const ms_plugin *modeseek_plugin(void)
 *
 * that returns a table of functions, of which only `evaluate` is needed. examples/plugins has whole ones:
 *
 *     cc -shared -fPIC -O2 -ffp-contract=off banana.c -o banana.so $(pkg-config --cflags modeseek)
 *
 * Calls. One target is one `self`, made by `create`. modeseek calls the functions of one `self` one at a
 * time, but may hold several, for other dimensions or parameters. They must depend on `self` and their
 * arguments only: no random numbers, no clock, no memory of earlier calls. They must not print to standard
 * output, end the program, or close what they have not opened. Arrays belong to the caller and are valid
 * during the call; matrices are stored row by row. Functions that return an int return 0, or
 * another number for an error, which ends the run (or, in `create`, the attempt) with a message.
 *
 * Rows. Where `count` points are given together, each row's numbers must have the same bits as if it were
 * given alone, because results must not depend on which chains are computed together. This holds for loops
 * over the rows, compiled without -ffast-math; not for most calls of a matrix library on all rows.
 *
 * Numbers. `log_density` is the logarithm of the density but for one constant, the same everywhere. It may be
 * -INFINITY where the density is 0; samplers with a Metropolis step never go there, and Langevin dynamics
 * needs a finite score wherever a step may lead. Anything else that is not finite ends the run.
 *
 * All this is tried out when the target is made: at a few points the numbers must be finite, the scores those
 * that differences of the log-densities give, rows independent of each other, draws and centres finite. */
#ifndef MODESEEK_PLUGIN_H
#define MODESEEK_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MS_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define MS_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface. Members that are added at the end of ms_plugin do not change it. */
#define MS_PLUGIN_ABI 1

/** A number that users may set by name. */
typedef struct ms_plugin_parameter {
    const char *name;
    double fallback; /**< its value where the user gives none; NAN: the user must give one */
} ms_plugin_parameter;

/** The table. It, and all that it points to, must stay as long as the shared object is loaded. Write it with
 * designated initialisers or set it to zeros first: what is NULL or 0 is not there. */
typedef struct ms_plugin {
    uint32_t abi;     /**< MS_PLUGIN_ABI */
    uint32_t size;    /**< sizeof(ms_plugin) */
    const char *name; /**< for messages, and part of the target's identity */

    size_t dimension_min, dimension_max; /**< which dimensions there are; a maximum of 0: no limit */
    const ms_plugin_parameter *parameters;
    size_t parameter_count;
    uint32_t needs_data; /**< 1: users must give a matrix of numbers; 0: they must not */

    /** Makes the target in `dimension` dimensions. May be NULL, and self then is.
     * @param parameters [parameter_count] in the order of the table
     * @param data [rows][columns], finite; valid until `destroy`; NULL without needs_data
     * @param self out: handed to all the other functions
     * @param message out [size]: in case of an error why, and what to do; a text that ends with '\0' */
    int (*create)(size_t dimension, const double *parameters, size_t parameter_count, const double *data,
                  size_t rows, size_t columns, void **self, char *message, size_t size);
    /** Frees what `create` has made. May be NULL. */
    void (*destroy)(void *self);

    /** Log-densities and their gradients, the scores, at `count` points.
     * @param x [count][dimension]
     * @param log_density out [count]
     * @param score out [count][dimension] */
    int (*evaluate)(void *self, size_t count, const double *x, double *log_density, double *score);

    /** The same of the target P * N(0, noise_level^2 I), noise_level > 0: for annealed dynamics. May be NULL.
     */
    int (*smoothed)(void *self, double noise_level, size_t count, const double *x, double *log_density,
                    double *score);

    /** The same of the conditional law of coordinates first..first+length-1 given those before, for patches
     * smaller than the dimension. The patch is looked at through noise_level, the coordinates before it were
     * left at `conditioning`; both are 0 unless there is `smoothed`. The constant in the log-densities may
     * depend on the coordinates before. May be NULL.
     * @param x [count][first + length]
     * @param score out [count][length] */
    int (*conditional)(void *self, size_t first, size_t length, double noise_level, double conditioning,
                       size_t count, const double *x, double *log_density, double *score);

    /** How many modes there are to be found: points, numbered from 0. By default mode 0 is the spread one
     * that lies between the others, and these are waited for. May be NULL: one, at the origin.*/
    size_t (*modes)(void *self);
    /** Where mode `mode` is. Needed with `modes`. @param x out [dimension] */
    int (*centre)(void *self, size_t mode, double *x);

    /** For mixtures P = sum_i w_i P_i whose components are the modes: w_i > 0, of sum 1, and l_i(x) =
     * log(w_i P_i(x)), with the same constant missing as in log_density. Both or none.
     * @param log_weight out [count][modes] */
    double (*weight)(void *self, size_t mode);
    int (*log_weights)(void *self, size_t count, const double *x, double *log_weight);

    /** Draws `count` points from mode `mode`, where chains may start: of a mixture from its component; else
     * from the target itself, or from what is to be taken for the mode. May be NULL.
     * @param normal [count][dimension] independent standard normals
     * @param uniform [count][dimension] independent uniforms on (0, 1)
     * @param x out [count][dimension]: each row made of the same row of both */
    int (*draw)(void *self, size_t mode, size_t count, const double *normal, const double *uniform,
                double *x);

    /** The logarithm of the integral of exp(log_density). May be NULL: not known. */
    double (*log_normaliser)(void *self);
} ms_plugin;

/** What a plugin exports. modeseek itself has no such function. */
MS_PLUGIN_EXPORT const ms_plugin *modeseek_plugin(void);

#ifdef __cplusplus
}
#endif

#endif
