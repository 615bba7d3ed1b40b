/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/vector.h"

double ms_vector_at(const ms_vector *vector, size_t coordinate, size_t dimension)
{
    switch (vector->pattern) {
    case MS_PATTERN_CONSTANT:
        break;
    case MS_PATTERN_LIST:
    case MS_PATTERN_REPEAT:
        return vector->value_count > 0 ? vector->values[coordinate % vector->value_count] : 0;
    case MS_PATTERN_ALTERNATING:
        return coordinate % 2 == 0 ? vector->value : -vector->value;
    case MS_PATTERN_HALVES:
        return coordinate < dimension - dimension / 2 ? vector->value : -vector->value;
    case MS_PATTERN_RAMP:
        /* symmetric to the last bit; a single coordinate is the end of the ramp */
        if (dimension > 1)
            return vector->value *
                   ((2.0 * (double)coordinate - (double)(dimension - 1)) / (double)(dimension - 1));
        break;
    }
    return vector->value;
}

bool ms_vector_is_constant(const ms_vector *vector, size_t dimension)
{
    if (vector->pattern == MS_PATTERN_CONSTANT)
        return true;
    for (size_t j = 1; j < dimension; j++)
        if (ms_vector_at(vector, j, dimension) != ms_vector_at(vector, 0, dimension))
            return false;
    return true;
}

bool ms_vector_fits(const ms_vector *vector, size_t dimension)
{
    return vector->pattern != MS_PATTERN_LIST || vector->value_count == dimension;
}
