/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads counts of discoveries, one a line; prints both ends of the mean's 95 % interval at one iteration at
 * risk. Sets no error handler, as a user's program may not. */
#include <modeseek/modeseek.h>
#include <stdio.h>

int main(void)
{
    unsigned long long count;
    ms_interval mean;
    while (scanf("%llu", &count) == 1) {
        if (ms_exponential_mean(count, 1, 0.95, &mean, NULL) != MS_OK)
            return 1;
        printf("%.17g %.17g\n", mean.low, mean.high);
    }
    return 0;
}
