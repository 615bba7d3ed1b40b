/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file modeseek.h
 * The whole library; programs include this. */
#ifndef MODESEEK_MODESEEK_H
#define MODESEEK_MODESEEK_H

#include <modeseek/discovery.h>
#include <modeseek/export.h>
#include <modeseek/functions.h>
#include <modeseek/plugin.h>
#include <modeseek/random.h>
#include <modeseek/run.h>
#include <modeseek/schedule.h>
#include <modeseek/status.h>
#include <modeseek/survival.h>
#include <modeseek/target.h>
#include <modeseek/version.h>

#endif
