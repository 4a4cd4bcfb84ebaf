"""What a Python user would write to score videos with a linear reward model: decord, OpenCV, OpenVINO.

    score_video.py MODEL.xml HEAD.safetensors FRAMES CACHE PRECISION VIDEO… : a line of JSON per video

The next video is decoded while OpenVINO encodes the one before. `export_model` makes MODEL.xml; PRECISION (f32, bf16)
is that of what is not quantized in it.
"""

import concurrent.futures
import json
import sys

import cv2
import numpy as np

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def export_model(weights, taps, frames, calibration, target):
    """The default encoder up to the last of `taps`, in OpenVINO's own format; in int8 if `calibration` has pixels,
    [clips * frames, 3, 224, 224]."""
    import openvino
    import quantization
    import torch
    from models import ARCHITECTURES, VisionTransformer, load
    from safetensors.torch import load_file

    module = load(VisionTransformer(ARCHITECTURES["dinov2-small-imgfocus"], taps), load_file(weights))
    shape = [frames, 3, 224, 224]
    with torch.no_grad():
        model = openvino.convert_model(module, example_input=torch.zeros(shape), input=[shape])
    if calibration is not None:
        batches = [calibration[at : at + frames] for at in range(0, len(calibration) - frames + 1, frames)]
        model = quantization.with_nncf(model, batches, can_saturate=False)
    openvino.save_model(model, target, compress_to_fp16=False)


def prepare(path, frames):
    """The middle frames of equal intervals: short side 256, the middle 224, normalised."""
    import decord

    reader = decord.VideoReader(path, num_threads=1)
    count = len(reader)
    places = [min(int((i + 0.5) * count / frames), count - 1) for i in range(frames)]
    pixels = np.empty((frames, 3, 224, 224), np.float32)
    for place, frame in enumerate(reader.get_batch(places).asnumpy()):
        height, width = frame.shape[:2]
        scale = 256 / min(height, width)
        frame = cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_CUBIC)
        top, left = (frame.shape[0] - 224) // 2, (frame.shape[1] - 224) // 2
        crop = frame[top : top + 224, left : left + 224].astype(np.float32) / 255
        pixels[place] = ((crop - MEAN) / DEVIATION).transpose(2, 0, 1)
    return pixels


def head_of(path):
    """Weights and bias of the logit."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    weight, bias = tensors["out.weight"], tensors["out.bias"]
    return weight[1] - weight[0], bias[1] - bias[0]


def main():
    import openvino

    model, head, frames, cache, precision, *videos = sys.argv[1:]
    frames = int(frames)
    core = openvino.Core()
    config = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": cache}
    encoder = core.compile_model(model, "CPU", config)
    weight, bias = head_of(head)
    with concurrent.futures.ThreadPoolExecutor(1) as decoding:
        ahead = decoding.submit(prepare, videos[0], frames)
        for place, video in enumerate(videos):
            pixels = ahead.result()
            if place + 1 < len(videos):
                ahead = decoding.submit(prepare, videos[place + 1], frames)
            embedding = encoder(pixels)[0].mean(axis=0)
            logit = float(weight @ embedding + bias)
            print(json.dumps({"input": video, "logit": logit, "score": 1 / (1 + np.exp(-logit))}))


if __name__ == "__main__":
    main()
