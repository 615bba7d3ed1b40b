/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Never run: what cmake/hdf5.cmake links, to see whether MPI and HDF5 belong together. */
#include <hdf5.h>
#include <mpi.h>

#ifndef H5_HAVE_PARALLEL
#error "This HDF5 is not parallel"
#endif

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    H5Pset_fapl_mpio(H5Pcreate(H5P_FILE_ACCESS), MPI_COMM_WORLD, MPI_INFO_NULL);
    return MPI_Finalize();
}
