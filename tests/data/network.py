# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes network_whole.h5 and network_patches.h5, beside it: networks of nine inputs with PyTorch's outputs, against which
test_network.c holds the program's. Needs PyTorch. Not trained: in random weights no term is too small to be missed."""

import os
import sys

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "../../analysis"))
from modeseek.training import network, train, weights  # noqa: E402
from modeseek.training.forward import Network  # noqa: E402
from modeseek.training.gaussian import fit  # noqa: E402

network.HIDDEN = 6
random = np.random.default_rng(3)
data = (random.standard_normal((40, 9)) @ random.standard_normal((9, 9)) * 0.15).astype(np.float32)
for name, patch_size, states in (("whole", 9, 0), ("patches", 3, 5)):
    torch.manual_seed(4)
    model = network.Denoiser(fit(data, patch_size), width=7, blocks=2, states=states)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.4 * torch.randn_like(parameter))
    weights.write(os.path.join(here, f"network_{name}.h5"), Network(network.export(model.state_dict(), 2, states)),
                  {"torch": torch.__version__}, train.outputs(model, torch.from_numpy(data)))
