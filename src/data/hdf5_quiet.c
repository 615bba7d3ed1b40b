/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/hdf5_quiet.h"

ms_hdf5_quiet ms_hdf5_quiet_begin(void)
{
    ms_hdf5_quiet quiet = {.plugins = 0};
    H5Eget_auto2(H5E_DEFAULT, &quiet.function, &quiet.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLget_loading_state(&quiet.plugins);
    H5PLset_loading_state(0);
    return quiet;
}

void ms_hdf5_quiet_end(ms_hdf5_quiet quiet)
{
    H5PLset_loading_state(quiet.plugins);
    H5Eset_auto2(H5E_DEFAULT, quiet.function, quiet.data);
}
