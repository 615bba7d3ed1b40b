/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_LANGEVIN_H
#define MS_LANGEVIN_H

/* What the schemas of Langevin dynamics, MALA and others with nothing but a step size describe. */
typedef struct ms_langevin_params {
    double step_size;
} ms_langevin_params;

#endif
