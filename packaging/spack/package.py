# SPDX-License-Identifier: GPL-3.0-or-later
"""Spack's recipe for modeseek. Untested: no Spack was to be had. docs/installation.md says how to use it."""

try:
    from spack_repo.builtin.build_systems.cmake import CMakePackage
except ImportError:  # Spack before 1.0 has it among the rest
    pass
from spack.package import *


class Modeseek(CMakePackage):
    """Measures how long Langevin samplers, plain, annealed and chained, take to find the modes of a distribution."""

    # There is no public address yet: build from your copy, with `spack dev-build`, or put a `git =` here.
    license("GPL-3.0-or-later")
    version("main", branch="main")

    variant("shared", default=False, description="Build libmodeseek as a shared library")
    variant("program", default=True, description="Build the program, not the library alone")
    variant("figure", default=True, when="+program", description="What modeseek plot, report and diagnose need")

    # docs/installation.md has the versions.
    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("gsl@2.7:")
    depends_on("random123@1.14:", type="build")
    with when("+program"):
        depends_on("mpi@3:")
        depends_on("hdf5@1.10.8:+mpi+hl")
        depends_on("libyaml@0.2.5:")
    with when("+figure"):
        for library in ("python@3.11:", "py-numpy", "py-h5py", "py-matplotlib", "py-pandas", "py-scipy", "py-statsmodels",
                        "py-xarray"):
            depends_on(library, type="run")

    def cmake_args(self):
        args = [
            self.define("MODESEEK_BUILD_TESTS", False),  # they need more, and take ten minutes
            self.define_from_variant("BUILD_SHARED_LIBS", "shared"),
            self.define_from_variant("MODESEEK_BUILD_PROGRAM", "program"),
        ]
        if self.spec.satisfies("+program"):
            args += [
                self.define("HDF5_ROOT", self.spec["hdf5"].prefix),
                self.define("MPI_C_COMPILER", self.spec["mpi"].mpicc),
            ]
        return args

    def _program(self):
        if self.spec.satisfies("~program"):
            raise SkipTest("there is no program")
        return which(self.prefix.bin.modeseek, required=True)

    def test_version(self):
        """the program starts, with its MPI and HDF5"""
        assert "modeseek" in self._program()("--version", output=str)

    def test_recompute(self):
        """a sweep is computed, and its blocks computed again have the same bits"""
        sweep = """
name: test
target: {family: gaussian_mixture, components: [{weight: 0.5, mean: 0, variance: 3}, {weight: 0.5, mean: 1, variance: 1}]}
sampler: {step_size: 0.1}
budget: {iterations: 1000, chains: 32}
grid: {dimension: [5, 10]}
"""
        program = self._program()
        with open("sweep.yaml", "w", encoding="utf-8") as file:
            file.write(sweep)
        program("run", "--quiet", "sweep.yaml", "-o", "sweep.h5")
        program("verify", "sweep.h5", "--recompute", "10")
