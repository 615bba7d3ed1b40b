#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens a results file with h5py and xarray as a user would: named dimensions, scales, units, values.

usage: check_h5py.py FILE     exit code 0: as expected, 77: h5py or xarray is missing
"""
import importlib.util
import json
import sys

try:
    import h5py
    import numpy as np
    import xarray
except ImportError:
    sys.exit(77)

DIMS = {
    "discovery_time": ("point", "chain", "rule", "mode"),
    "observed": ("point", "chain"),
    "squared_distance": ("point", "snapshot", "chain", "component"),
    "responsibility": ("point", "snapshot", "chain", "component"),
    "dimension": ("point",),
    "patch_size": ("point",),
    "noise_level": ("point",),
    "seed": ("point",),
    "key": ("point",),
    "iterations": ("point",),
    "radius_squared": ("point",),
    "score_evaluations": ("point",),
    "density_evaluations": ("point",),
    "coordinate_updates": ("point",),
    "pass_iterations": ("point",),
    "point_variant": ("point",),
    "weight": ("variant", "component"),
    "variance": ("variant", "component"),
}


def check_h5py(path):
    with h5py.File(path, "r") as file:
        assert file.attrs["format"] == "modeseek results"
        assert file.attrs["format_version"] == 2
        assert file.attrs["name"] == "fixture"
        datasets = []
        file.visititems(lambda name, item: datasets.append(item) if isinstance(item, h5py.Dataset) else None)
        for dataset in datasets:
            assert dataset.attrs["long_name"], dataset.name
            assert dataset.attrs["units"], dataset.name
            for dim in dataset.dims:
                assert h5py.h5ds.is_scale(dataset.id) or len(dim) == 1 or dataset.name == "/checkpoint/state", f"{dataset.name}: no scale on {dim}"
        for name, dims in DIMS.items():
            assert tuple(dim.keys()[0] for dim in file[name].dims) == dims, name
        assert file.attrs["inference_library"] == "modeseek" and file.attrs["inference_library_version"]
        assert names(file["rule"]) == ["ball", "switch"]
        assert names(file["axis"]) == ["dimension", "patch_size", "noise_level", "seed"]
        assert names(file["column"]) == ["discovery_time", "observed", "squared_distance", "responsibility"]
        for name, rest in zip(names(file["column"]), names(file["column_dimensions"])):
            assert tuple(f"point {rest}".split()) == DIMS[name]
        assert names(file["estimator"]) == ["direct"]
        assert set(file["validity"][:].view("S128").flat) == {b""}
        assert file["iterations"][:].tolist() == [1000] * 4 and file["radius_squared"][:].tolist() == [2] * 4
        assert file["variance"][:].tolist() == [[3, 1, 1]]
        assert file["score_evaluations"][:].tolist() == [1] * 4 and file["density_evaluations"][:].tolist() == [0] * 4
        assert file["coordinate_updates"][:].tolist() == file["patch_size"][:].tolist()
        assert file["provenance/created_at"][()].startswith(b"20")
        assert names(file["block/commit_field"]) == ["generation", "status", "crc32c", "format"]
        file.visititems(check_readable)
        assert file["discovery_time"].dtype == np.dtype("<i8")
        assert file["discovery_time"].fillvalue == -2
        failed = file["block/commit"][:, 1] == 2
        reason = file["block/failure"][:].view("S128")[:, 0]
        assert failed.any() and not failed.all()
        assert (reason[failed] == b"chain diverged (non-finite state)").all()
        assert (reason[~failed] == b"").all()
        start = file["provenance/start"][:].view("S1024")[:, 0]
        assert json.loads(start[0])["ranks"] == 1
        assert start[1] == b""
        assert json.loads(file["provenance/versions"][()])["hdf5"]
        assert b"fixture" in file["provenance/sweep_yaml"][()]
        return file["discovery_time"][:]


def names(scale):
    """Of a scale that has them."""
    return [name.decode() for name in scale[:].view("S64")[:, 0]]


def check_readable(path, item):
    """PyTables and Octave read no strings of variable length."""
    if isinstance(item, h5py.Dataset):
        string = h5py.check_string_dtype(item.dtype)
        assert not string or string.length is not None, path


def check_xarray(path, engine, time):
    with xarray.open_dataset(path, engine=engine) as data:
        data.load()
        for name, dims in DIMS.items():
            assert data[name].dims == dims, (engine, name)
        assert set(data.discovery_time.coords) >= {"dimension", "patch_size", "noise_level", "seed", "rule", "mode"}
        assert data.discovery_time.units == "iterations"
        values = data.discovery_time.sel(rule="switch", mode=2)
        assert np.array_equal(values.fillna(-2).values, time[:, :, 1, 1]), engine
        assert np.isnan(data.observed.values[time[:, :, 0, 0] == -2]).all()
        assert data.snapshot.values.tolist() == [0, 10, 1000]
        assert data.seed.dtype == np.uint64
    with xarray.open_dataset(path, engine=engine, group="block") as blocks:
        blocks.load()
        assert set(blocks.failure.values.tolist()) == {"", "chain diverged (non-finite state)"}
        assert blocks.commit.sel(commit_field="generation").values.all()
    with xarray.open_dataset(path, engine=engine, group="provenance") as provenance:
        provenance.load()
        assert json.loads(provenance.start.values[0])["ranks"] == 1
        assert provenance.block_seconds.units == "s"


def main():
    time = check_h5py(sys.argv[1])
    assert (time == -2).any() and (time == -1).any() and (time > 0).any()
    for engine, module in (("h5netcdf", "h5netcdf"), ("netcdf4", "netCDF4")):
        if importlib.util.find_spec(module):
            check_xarray(sys.argv[1], engine, time)
            print(f"xarray with {engine}: good")
        else:
            print(f"xarray with {engine}: not installed, not checked")


main()
