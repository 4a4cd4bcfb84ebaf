"""One runtime with one encoder, as a process that is told when to run: `run.py` starts it.

    peer.py RUNTIME PRECISION VARIANT NAME WEIGHTS CLIPS THREADS LEVEL FOLDER

Every line of standard input is a number of runs; the answer is a line of JSON with the seconds per clip of each.
`embed PIXELS OUTPUT` instead writes what it makes of normalised pixels, a NumPy file of [clips * frames, 3, side,
side]. FOLDER keeps exported models and has the pixels for calibration, calibration-NAME.npy.
"""

import json
import os
import pathlib
import sys
import time

import numpy as np
import quantization
from levels import SATURATE


class Torch:
    def __init__(self, setup):
        import torch

        torch.set_num_threads(setup.threads)
        torch.set_grad_enabled(False)
        self.torch = torch
        self.model = setup.module()
        self.kind = torch.bfloat16 if setup.precision == "bf16" else torch.float32
        self.casts = "autocast" in setup.variant
        if not self.casts:
            self.model = self.model.to(self.kind)
        self.layout = torch.channels_last if "channels-last" in setup.variant else torch.contiguous_format
        self.model = self.model.to(memory_format=self.layout)
        if "compile" in setup.variant:
            self.model = torch.compile(self.model)

    def __call__(self, batches):
        made = []
        with self.torch.inference_mode(), self.torch.autocast("cpu", self.torch.bfloat16, self.casts):
            for batch in batches:
                pixels = self.torch.from_numpy(batch).contiguous(memory_format=self.layout)
                made.append(self.model(pixels if self.casts else pixels.to(self.kind)).float().numpy())
        return made


class OnnxRuntime:
    def __init__(self, setup):
        import onnxruntime

        path = self.fuse(setup) if "fused" in setup.variant else setup.onnx()
        if setup.precision == "int8":
            path = self.quantize(setup, path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = setup.threads
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    @staticmethod
    def fuse(setup):
        """Attention as one operation, and the fusions that ONNX Runtime has for transformers."""
        from onnxruntime.transformers import optimizer

        path = setup.onnx(is_for_onnx_runtime=True)
        target = path.with_name(path.stem + "-fused.onnx")
        if not target.exists():
            model = optimizer.optimize_model(
                str(path), model_type="vit", num_heads=setup.of.heads, hidden_size=setup.of.width,
                opt_level=0,
            )
            model.save_model_to_file(str(target), use_external_data_format=True)
        return target

    @staticmethod
    def quantize(setup, path):
        kind = "static" if "static" in setup.variant else "dynamic"
        target = path.with_name(f"{path.stem}-{kind}-{setup.int8}.onnx")
        if not target.exists():
            if kind == "static":
                quantization.onnx_static(path, target, setup.calibration(), setup.can_saturate)
            else:
                quantization.onnx_dynamic(path, target, setup.can_saturate)
        return target

    def __call__(self, batches):
        return [self.session.run(None, {"pixels": batch})[0] for batch in batches]


class OpenVINO:
    def __init__(self, setup):
        import openvino

        core = openvino.Core()
        self.requests = 2 if "throughput" in setup.variant else 1
        config = {
            "INFERENCE_PRECISION_HINT": "bf16" if "bf16" in (setup.precision, *setup.variant.split("-")) else "f32",
            "INFERENCE_NUM_THREADS": setup.threads,
            "PERFORMANCE_HINT": "THROUGHPUT" if self.requests > 1 else "LATENCY",
            "NUM_STREAMS": self.requests,
        }
        if setup.precision == "int8":
            model = core.read_model(self.quantize(setup, core))
            model.reshape(setup.shape)
        else:
            model = core.read_model(setup.onnx()) if "onnx" in setup.variant else self.convert(setup, setup.shape)
        self.compiled = core.compile_model(model, "CPU", config)
        self.openvino = openvino

    @classmethod
    def quantize(cls, setup, core):
        """A model for batches of any size, so that it is calibrated once."""
        import openvino

        way = "onnx" if "onnx" in setup.variant else "pytorch"
        target = setup.folder / f"{setup.name}-{way}-nncf-{setup.int8}.xml"
        if not target.exists():
            if way == "onnx":
                model = core.read_model(setup.onnx(is_dynamic=True))
            else:
                model = cls.convert(setup, [-1, *setup.shape[1:]])
            model = quantization.with_nncf(model, setup.calibration(), setup.can_saturate)
            openvino.save_model(model, target, compress_to_fp16=False)
        return target

    @staticmethod
    def convert(setup, shape):
        """By way of PyTorch, which keeps attention as one operation."""
        import openvino
        import torch

        with torch.no_grad():
            return openvino.convert_model(setup.module(), example_input=torch.zeros(setup.shape), input=[shape])

    def __call__(self, batches):
        if self.requests == 1:
            return [self.compiled(batch)[0].copy() for batch in batches]
        made = [None] * len(batches)
        queue = self.openvino.AsyncInferQueue(self.compiled, self.requests)
        queue.set_callback(
            lambda request, place: made.__setitem__(place, request.get_output_tensor().data.copy())
        )
        for place, batch in enumerate(batches):
            queue.start_async({0: batch}, place)
        queue.wait_all()
        return made


class Setup:
    def __init__(self, arguments):
        from models import ARCHITECTURES

        runtime, self.precision, self.variant, self.name, self.weights, clips, threads, level, folder = arguments
        self.of = ARCHITECTURES[self.name]
        self.clips, self.threads = int(clips), int(threads)
        # Throughput needs two requests in flight; each has half of the clips, or a clip if there is one.
        streams = 2 if "throughput" in self.variant else 1
        self.clips_at_once = max(1, self.clips // streams)
        self.batch_count = streams
        self.shape = [self.clips_at_once * self.of.frames, 3, self.of.image, self.of.image]
        self.can_saturate = level in SATURATE
        self.int8 = "int7" if self.can_saturate else "int8"
        self.folder = pathlib.Path(folder)
        kinds = {"pytorch": Torch, "onnxruntime": OnnxRuntime, "openvino": OpenVINO}
        self.runtime = kinds[runtime](self)

    def module(self):
        import models
        from safetensors.torch import load_file

        return models.module(self.name, load_file(self.weights))

    def onnx(self, is_for_onnx_runtime=False, is_dynamic=False):
        """The encoder as ONNX, for batches of one size or, if it is dynamic, of any."""
        import models
        import torch

        size = "any" if is_dynamic else self.clips_at_once
        suffix = "-attention" if is_for_onnx_runtime else ""
        path = self.folder / f"{self.name}-{size}{suffix}.onnx"
        if not path.exists():
            models.Attention.is_for_onnx_runtime = is_for_onnx_runtime
            torch.onnx.export(
                self.module(), (torch.zeros(self.shape),), str(path), input_names=["pixels"],
                output_names=["embedding"], dynamic_axes={"pixels": {0: "images"}} if is_dynamic else None,
                opset_version=17, dynamo=False, external_data=True,
            )
        return path

    def calibration(self):
        path = self.folder / f"calibration-{self.name}.npy"
        return quantization.batches_of(path, self.clips_at_once * self.of.frames)

    def batches(self, pixels):
        size = self.clips_at_once * self.of.frames
        return [np.ascontiguousarray(pixels[at : at + size]) for at in range(0, len(pixels), size)]


def main():
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Libraries talk; only answers go to standard output.
    setup = Setup(sys.argv[1:])
    shape = [setup.batch_count * setup.shape[0], *setup.shape[1:]]
    pixels = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    batches = setup.batches(pixels)
    print(json.dumps("ready"), file=answers)
    for line in sys.stdin:
        words = line.split()
        if words[0] == "embed":
            made = setup.runtime(setup.batches(np.load(words[1])))
            np.save(words[2], np.concatenate(made))
            print(json.dumps("done"), file=answers)
            continue
        seconds = []
        for _ in range(int(words[0])):
            start = time.perf_counter()
            setup.runtime(batches)
            seconds.append((time.perf_counter() - start) / (len(pixels) // setup.of.frames))
        print(json.dumps(seconds), file=answers)


if __name__ == "__main__":
    main()
