/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MS_ANALYSIS_H
#define MS_ANALYSIS_H

/* By the build: the folders with analysis/ and scripts/, where the program is installed and where it is
 * built, seen from that of the program. */
extern const char ms_data_from_program[], ms_source_from_program[];

#endif
