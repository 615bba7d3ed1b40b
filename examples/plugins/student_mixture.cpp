// SPDX-License-Identifier: GPL-3.0-or-later
// In C++: a mixture with heavy tails. Its two components are Student's t distributions with 2 degrees of
// freedom in d dimensions, of scale 1, with weights 1 - weight and weight; the first stands at the origin,
// the other at distance `separation` along the diagonal. Being a mixture with known weights, it serves the
// rule `switch`, too.
//
//     c++ -shared -fPIC -O2 -ffp-contract=off student_mixture.cpp -o student_mixture.so $(pkg-config --cflags
//     modeseek)
//
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <modeseek/plugin.h>
#include <new>
#include <vector>

namespace
{

constexpr double pi = 3.14159265358979323846;

struct Mixture {
    std::size_t dimension;
    double log_weight[2], weight[2];
    std::vector<double> centre[2];

    Mixture(std::size_t d, double separation, double share)
        : dimension(d), log_weight{std::log(1 - share), std::log(share)}, weight{1 - share, share},
          centre{std::vector<double>(d, 0.0),
                 std::vector<double>(d, separation / std::sqrt(static_cast<double>(d)))}
    {
    }

    // log(w_i P_i(x)) but for what all components have in common: -(d + 2)/2 log(1 + |x - centre|^2 / 2)
    double log_share(int i, const double *x) const
    {
        return log_weight[i] - (static_cast<double>(dimension) / 2 + 1) * std::log1p(distance(i, x) / 2);
    }

    double distance(int i, const double *x) const
    {
        double sum = 0;
        for (std::size_t j = 0; j < dimension; j++)
            sum += (x[j] - centre[i][j]) * (x[j] - centre[i][j]);
        return sum;
    }
};

const Mixture &mixture(void *self)
{
    return *static_cast<const Mixture *>(self);
}

// No exception may leave these functions.
int create(std::size_t dimension, const double *parameters, std::size_t, const double *, std::size_t,
           std::size_t, void **self, char *message, std::size_t size)
{
    if (!(parameters[1] > 0 && parameters[1] < 1)) {
        std::snprintf(message, size, "weight is %g; it must lie between 0 and 1", parameters[1]);
        return 1;
    }
    try {
        *self = new Mixture(dimension, parameters[0], parameters[1]);
    } catch (const std::bad_alloc &) {
        std::snprintf(message, size, "out of memory");
        return 1;
    }
    return 0;
}

void destroy(void *self)
{
    delete static_cast<Mixture *>(self);
}

int evaluate(void *self, std::size_t count, const double *x, double *log_density, double *score)
{
    const Mixture &m = mixture(self);
    const std::size_t d = m.dimension;
    for (std::size_t row = 0; row < count; row++, x += d, score += d) {
        const double a = m.log_share(0, x), b = m.log_share(1, x), largest = std::max(a, b);
        const double sum = std::exp(a - largest) + std::exp(b - largest);
        log_density[row] = largest + std::log(sum);
        double pull[2] = {std::exp(a - largest) / sum, std::exp(b - largest) / sum};
        for (int i = 0; i < 2; i++)
            pull[i] *= (static_cast<double>(d) + 2) / (2 + m.distance(i, x));
        for (std::size_t j = 0; j < d; j++)
            score[j] = -pull[0] * (x[j] - m.centre[0][j]) - pull[1] * (x[j] - m.centre[1][j]);
    }
    return 0;
}

std::size_t modes(void *)
{
    return 2;
}

int centre(void *self, std::size_t mode, double *x)
{
    const Mixture &m = mixture(self);
    std::copy(m.centre[mode].begin(), m.centre[mode].end(), x);
    return 0;
}

double weight(void *self, std::size_t mode)
{
    return mixture(self).weight[mode];
}

int log_weights(void *self, std::size_t count, const double *x, double *log_weight)
{
    const Mixture &m = mixture(self);
    for (std::size_t row = 0; row < count; row++, x += m.dimension)
        for (int i = 0; i < 2; i++)
            *log_weight++ = m.log_share(i, x);
    return 0;
}

// A normal vector over the square root of an independent chi-square with 2 degrees of freedom, over 2: of
// -log(uniform), that is.
int draw(void *self, std::size_t mode, std::size_t count, const double *normal, const double *uniform,
         double *x)
{
    const Mixture &m = mixture(self);
    for (std::size_t row = 0; row < count;
         row++, normal += m.dimension, uniform += m.dimension, x += m.dimension) {
        const double stretch = 1 / std::sqrt(-std::log(uniform[0]));
        for (std::size_t j = 0; j < m.dimension; j++)
            x[j] = m.centre[mode][j] + stretch * normal[j];
    }
    return 0;
}

// of a component: Gamma(1) (2 pi)^(d/2) / Gamma(1 + d/2)
double log_normaliser(void *self)
{
    const double half = static_cast<double>(mixture(self).dimension) / 2;
    return half * std::log(2 * pi) - std::lgamma(1 + half);
}

} // namespace

extern "C" const ms_plugin *modeseek_plugin()
{
    static const ms_plugin_parameter parameters[] = {{"separation", 10}, {"weight", 0.5}};
    static const ms_plugin table = [] {
        ms_plugin t = {};
        t.abi = MS_PLUGIN_ABI;
        t.size = sizeof t;
        t.name = "student_mixture";
        t.dimension_min = 1;
        t.parameters = parameters;
        t.parameter_count = 2;
        t.create = create;
        t.destroy = destroy;
        t.evaluate = evaluate;
        t.modes = modes;
        t.centre = centre;
        t.weight = weight;
        t.log_weights = log_weights;
        t.draw = draw;
        t.log_normaliser = log_normaliser;
        return t;
    }();
    return &table;
}
