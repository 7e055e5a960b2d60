"""What a backend of Keras 3 tells of the device that it computes on, with stand-ins for the libraries."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from conformance.model import platforms
from conformance.subjects import backends

GPU = platforms.Platform.read({"device": "gpu"}, "here")


def library(name: str, device: str) -> backends.KerasTensors:
    tensor = SimpleNamespace(device=SimpleNamespace(type=device))
    keras: Any = SimpleNamespace(ops=SimpleNamespace(convert_to_tensor=lambda value: tensor))
    return backends._LIBRARIES[name](keras, name)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(name: str, **content: Any) -> None:
        module = ModuleType(name)
        module.__version__ = "1"  # type: ignore[attr-defined]
        for key, value in content.items():
            setattr(module, key, value)
        monkeypatch.setitem(sys.modules, name, module)

    return put


@pytest.mark.parametrize(
    ("device", "matmul", "cudnn", "override", "told"),
    [
        ("cpu", True, True, "1", {"device": "cpu"}),
        ("cuda", False, False, "1", {"device": "gpu", "accelerator": "H100", "tf32": []}),
        ("cuda", False, True, "1", {"device": "gpu", "accelerator": "H100", "tf32": ["cudnn"]}),
        ("cuda", True, True, "0", {"device": "gpu", "accelerator": "H100", "tf32": []}),
    ],
)
def test_pytorch(
    stand_in: Any,
    monkeypatch: pytest.MonkeyPatch,
    device: str,
    matmul: bool,
    cudnn: bool,
    override: str,
    told: Any,
) -> None:
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", override)
    stand_in(
        "torch",
        get_num_threads=lambda: 2,
        backends=SimpleNamespace(
            cuda=SimpleNamespace(matmul=SimpleNamespace(allow_tf32=matmul)),
            cudnn=SimpleNamespace(allow_tf32=cudnn),
        ),
        cuda=SimpleNamespace(get_device_name=lambda: "H100"),
    )
    facts = library("torch", device).facts()
    assert facts == {"torch": "1", "intra_op_threads": 2, **told}
    assert GPU.holds(facts) is (device == "cuda")


@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_jax(stand_in: Any, device: str) -> None:
    stand_in(
        "jax",
        config=SimpleNamespace(jax_enable_x64=False, jax_default_matmul_precision="highest"),
        default_backend=lambda: device,
        devices=lambda: [SimpleNamespace(device_kind="H100")],
    )
    facts = library("jax", device).facts()
    more = {"accelerator": "H100", "precision": "highest"} if device == "gpu" else {}
    assert facts == {"jax": "1", "x64": False, "device": device, **more}
    assert GPU.holds(facts) is (device == "gpu")
