/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file export.h
 * What is declared between MS_BEGIN_API and MS_END_API is the library's interface, with C linkage. Nothing
 * else is visible outside of the shared library. */
#ifndef MODESEEK_EXPORT_H
#define MODESEEK_EXPORT_H

#ifdef __cplusplus
#define MS_BEGIN_C extern "C" {
#define MS_END_C   }
#else
#define MS_BEGIN_C
#define MS_END_C
#endif

#ifdef __GNUC__
#define MS_BEGIN_API _Pragma("GCC visibility push(default)") MS_BEGIN_C
#define MS_END_API   MS_END_C _Pragma("GCC visibility pop")
#else
#define MS_BEGIN_API MS_BEGIN_C
#define MS_END_API   MS_END_C
#endif

#endif
