/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* digits [. digits] [e exponent], with a sign; the digits are counted where they stand in `text`. */
typedef struct decimal {
    bool negative;
    const char *digits; /* of the mantissa, a point may be among them */
    size_t length;
    long whole;    /* digits before the point */
    long exponent; /* clipped to +-EXPONENT_MAX */
} decimal;

#define EXPONENT_MAX 10000000L

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *explain(const char *text)
{
    const char *body = text + (*text == '+' || *text == '-');
    if (*text == '\0' || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0)
        return "no number is given; write one";
    body += *body == '.';
    if (strcasecmp(body, "inf") == 0 || strcasecmp(body, "infinity") == 0 || strcasecmp(body, "nan") == 0)
        return "not a finite number; give a finite one";
    if (body[0] == '0' && strchr("xXoObB", body[1]) && body[1])
        return "only decimal numbers are read; write it in decimal";
    if (strchr(text, '_') && is_digit(*body))
        return "not a number; write it without '_'";
    return "not a number; write it like 20, 0.1 or 1e-3";
}

static const char *scan(const char *text, decimal *d)
{
    const char *c = text;
    *d = (decimal){.negative = *c == '-'};
    if (*c == '+' || *c == '-')
        c++;
    d->digits = c;
    while (is_digit(*c))
        c++;
    d->whole = (long)(c - d->digits);
    long fraction = 0;
    if (*c == '.') {
        for (c++; is_digit(*c); c++)
            fraction++;
    }
    d->length = (size_t)(c - d->digits);
    if (d->whole + fraction == 0)
        return explain(text);
    if (*c == 'e' || *c == 'E') {
        c++;
        bool negative = *c == '-';
        if (*c == '+' || *c == '-')
            c++;
        if (!is_digit(*c))
            return explain(text);
        for (; is_digit(*c); c++)
            if (d->exponent < EXPONENT_MAX)
                d->exponent = 10 * d->exponent + (*c - '0');
        if (negative)
            d->exponent = -d->exponent;
    }
    if (*c != '\0')
        return explain(text);
    /* 010 is 8 to one YAML reader and 10 to another */
    if (d->whole > 1 && d->digits[0] == '0')
        return "a number must not begin with a superfluous 0; remove it";
    return NULL;
}

const char *ms_parse_number(const char *text, double *value)
{
    decimal d;
    const char *wrong = scan(text, &d);
    if (wrong)
        return wrong;
    errno = 0;
    *value = strtod(text, NULL);
    if (!isfinite(*value))
        return "too large for a double; give a smaller number";
    if (errno == ERANGE)
        return "too small for a double; give a larger number";
    return NULL;
}

const char *ms_parse_count(const char *text, uint64_t *value)
{
    static const char not_whole[] = "not a whole number; give one",
                      too_large[] = "too large; give less than 2^64";
    decimal d;
    const char *wrong = scan(text, &d);
    if (wrong)
        return wrong;
    long end = d.whole + d.exponent; /* digits before the point once the exponent is applied */
    long position = 0;
    uint64_t result = 0;
    bool overflow = false;
    for (size_t i = 0; i < d.length; i++) {
        if (d.digits[i] == '.')
            continue;
        uint64_t digit = (uint64_t)(d.digits[i] - '0');
        if (position++ >= end) {
            if (digit != 0)
                return not_whole;
        } else if (result > (UINT64_MAX - digit) / 10) {
            overflow = true;
        } else {
            result = 10 * result + digit;
        }
    }
    for (; position < end && result != 0 && !overflow; position++) {
        overflow = result > UINT64_MAX / 10;
        result *= 10;
    }
    if (d.negative && (result != 0 || overflow))
        return "negative; give a positive whole number";
    if (overflow)
        return too_large;
    *value = result;
    return NULL;
}
