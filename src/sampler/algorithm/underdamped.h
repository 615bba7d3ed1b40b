/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_UNDERDAMPED_H
#define MS_UNDERDAMPED_H

typedef struct ms_underdamped_params {
    double step_size, friction;
} ms_underdamped_params;

#endif
