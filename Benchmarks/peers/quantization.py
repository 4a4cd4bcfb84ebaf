"""int8 of the peers, as their documentation describes it for transformers."""

import numpy as np


def with_nncf(model, batches, can_saturate):
    """OpenVINO's: weights per channel and symmetric, activations per tensor and asymmetric where that is better, with
    SmoothQuant and bias correction, which the preset for transformers includes.

    `can_saturate`: weights have 7 bits, for processors without VNNI.
    """
    import nncf

    fix = nncf.OverflowFix.ENABLE if can_saturate else nncf.OverflowFix.DISABLE
    return nncf.quantize(
        model, nncf.Dataset(batches), model_type=nncf.ModelType.TRANSFORMER, preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(batches), advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=fix),
    )


def onnx_dynamic(source, target, can_saturate):
    """ONNX Runtime's: weights per channel ahead of time, activations while it runs."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source, target, op_types_to_quantize=["MatMul", "Gemm", "Attention"], per_channel=True,
        reduce_range=can_saturate, weight_type=QuantType.QInt8, use_external_data_format=True,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
    )


def onnx_static(source, target, batches, can_saturate):
    """ONNX Runtime's, with operations between QuantizeLinear and DequantizeLinear."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.batches = iter(batches)

        def get_next(self):
            batch = next(self.batches, None)
            return None if batch is None else {"pixels": batch}

    quantize_static(
        source, target, Reader(), quant_format=QuantFormat.QDQ, op_types_to_quantize=["MatMul", "Gemm"],
        per_channel=True, reduce_range=can_saturate, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        use_external_data_format=True, extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
    )


def batches_of(path, size):
    """Whole batches of a NumPy file of pixels."""
    pixels = np.load(path, mmap_mode="r")
    return [np.ascontiguousarray(pixels[at : at + size]) for at in range(0, len(pixels) - size + 1, size)]
