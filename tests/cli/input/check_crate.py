# SPDX-License-Identifier: GPL-3.0-or-later
"""check_crate.py DIR: what RO-Crate 1.1 and the profile Process Run Crate 0.5 demand (MUST), and that every file in the crate is
described, with its size and SHA-256. Needs no network."""
import csv
import hashlib
import json
import pathlib
import re
import sys
import urllib.parse

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
folder = pathlib.Path(sys.argv[1])
metadata = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
graph = metadata["@graph"]
entity = {}
for one in graph:
    assert one["@id"] and one["@type"], one
    assert one["@id"] not in entity, f"{one['@id']} stands twice"
    assert re.fullmatch(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", one["@id"], re.ASCII), f"{one['@id']} is no URI reference"
    entity[one["@id"]] = one


def listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def references(value):
    if isinstance(value, dict) and set(value) == {"@id"}:
        yield value["@id"]
    elif isinstance(value, dict):
        for key, inner in value.items():
            assert key.startswith("@") or not isinstance(inner, dict) or set(inner) == {"@id"}, "the graph is not flat"
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


assert "https://w3id.org/ro/crate/1.1/context" in listed(metadata["@context"])
descriptor = entity["ro-crate-metadata.json"]
assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
root = entity["./"]
assert root["@type"] == "Dataset" and root["name"] and root["description"]
assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
assert {"@id": PROFILE} in listed(root["conformsTo"]) and entity[PROFILE]["@type"] == "CreativeWork"
for one in graph:
    for target in references({key: value for key, value in one.items() if key != "@id"}):
        if target != "https://w3id.org/ro/crate/1.1":
            assert target in entity, f"{one['@id']} refers to {target}, which is not described"

# every file is there as it is said, part of the crate, and described
files = {urllib.parse.unquote(name): one for name, one in entity.items() if one["@type"] == "File"}
assert set(files) | {"ro-crate-metadata.json"} == {path.name for path in folder.iterdir()}
assert {one["@id"] for one in files.values()} == {part["@id"] for part in root["hasPart"]}
for name, one in files.items():
    content = (folder / name).read_bytes()
    assert one["contentSize"] == str(len(content)), name
    assert one["sha256"] == hashlib.sha256(content).hexdigest(), name

# the runs
actions = [one for one in graph if one["@type"] == "CreateAction"]
assert actions and {one["@id"] for one in actions} == {one["@id"] for one in listed(root["mentions"])}
for action in actions:
    tool = entity[action["instrument"]["@id"]]
    assert tool["@type"] == "SoftwareApplication" and tool["name"] == "modeseek" and tool["softwareVersion"]
    assert action["result"] == {"@id": "results.h5"}
    assert {"@id": "sweep.yaml"} in action["object"]
    for person in listed(action.get("agent")):
        assert entity[person["@id"]]["@type"] == "Person" and entity[person["@id"]]["name"]
    for key in ("startTime", "endTime"):
        assert key not in action or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", action[key])

with (folder / "block-contributors.csv").open(newline="") as table:
    blocks = list(csv.DictReader(table))
assert [int(block["block"]) for block in blocks] == sorted({int(block["block"]) for block in blocks})
assert all(int(block["rank"]) >= 0 and float(block["seconds"]) >= 0 for block in blocks)
print(len(files), "files,", len(actions), "starts,", len(blocks), "blocks,", "people:",
      ", ".join(one["name"] for one in graph if one["@type"] == "Person") or "none")
