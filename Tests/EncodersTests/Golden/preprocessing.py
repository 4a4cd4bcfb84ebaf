"""Writes preprocessing.json: noise images preprocessed by the references of the four recipes.

    python3 -m venv venv && venv/bin/pip install transformers pillow opencv-python-headless torch torchvision
    venv/bin/python Tests/EncodersTests/Golden/preprocessing.py

Generated with transformers 5.23.0, Pillow 13.0.0, opencv-python-headless 5.0.0.93, torch 2.15.0,
torchvision 0.29.2. CLIP and DINOv2 (whose repositories name the Bit processor) run through
Hugging Face's Pillow processors; `viclip` is InternVideo's demo (cv2.resize, then normalization),
`viclip-vbench` is VBench's `clip_transform`.
"""

import json
import pathlib
import sys
import zlib

import cv2
import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

CLIP = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def noise(width, height, seed):
    """Noise as in MediaTests/Golden/resampling.py."""
    v = np.arange(width * height * 3, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    v ^= v >> np.uint32(15)
    v *= np.uint32(2246822519)
    v ^= v >> np.uint32(13)
    v = (v >> np.uint32(8)).astype(np.uint8)
    if seed % 2:
        v = np.where(v < 128, 0, 255).astype(np.uint8)
    return v.reshape(height, width, 3)


def hugging_face(processor):
    def run(image):
        image = Image.fromarray(image)
        pixels = processor(image, do_rescale=False, do_normalize=False, return_tensors="np")
        values = processor(image, return_tensors="np")
        return pixels["pixel_values"][0].transpose(1, 2, 0), values["pixel_values"][0]
    return run


def viclip(image):
    pixels = cv2.resize(image, (224, 224))
    values = (pixels / 255.0 - np.array(IMAGENET[0])) / np.array(IMAGENET[1])
    return pixels, values.transpose(2, 0, 1)


def viclip_vbench(image):
    image = torch.from_numpy(image).permute(2, 0, 1)[None]
    pixels = transforms.Compose([
        transforms.Resize(
            224, interpolation=transforms.InterpolationMode.BICUBIC, antialias=False
        ),
        transforms.CenterCrop(224),
    ])(image)
    values = transforms.Normalize(*CLIP)(pixels.float().div(255))
    return pixels[0].permute(1, 2, 0).numpy(), values[0].numpy()


def recipe(resize, size, filter, crop, mean_and_deviation):
    mean, deviation = mean_and_deviation
    return {
        "resize": resize, "size": size, "filter": filter, "crop": crop,
        "mean": mean, "deviation": deviation,
    }


dinov2 = BitImageProcessorPil(
    size={"shortest_edge": 256}, crop_size={"height": 224, "width": 224},
    image_mean=IMAGENET[0], image_std=IMAGENET[1],
)
recipes = {
    "clip": (recipe("short_side", 224, "pillow_bicubic", 224, CLIP), hugging_face(CLIPImageProcessorPil())),
    "dinov2": (recipe("short_side", 256, "pillow_bicubic", 224, IMAGENET), hugging_face(dinov2)),
    "viclip": (recipe("squash", 224, "opencv_linear", 224, IMAGENET), viclip),
    "viclip-vbench": (recipe("short_side", 224, "torch_bicubic", 224, CLIP), viclip_vbench),
}

# Margins of 0 to 3 modulo 4 in both dimensions, where the two definitions of a center crop differ.
sizes = [
    (512, 320), (320, 512), (224, 224), (256, 256), (1, 1), (640, 360), (1920, 1080), (1080, 1920),
    (227, 224), (224, 227), (229, 224), (225, 224), (226, 224), (231, 224), (257, 256), (259, 256),
    (37, 91), (1000, 3), (2, 701), (848, 480), (400, 900), (1080, 2400), (3, 1000),
]

cases = []
for name, (values, run) in recipes.items():
    for seed, (width, height) in enumerate(sizes):
        pixels, normal = run(noise(width, height, seed))
        assert pixels.shape == (224, 224, 3) and normal.shape == (3, 224, 224)
        pixels = np.ascontiguousarray(pixels.astype(np.uint8))
        cases.append({
            "model": name, "source": [width, height], "seed": seed,
            "crc": zlib.crc32(pixels.tobytes()),
            "values": [round(float(v), 7) for v in normal.reshape(-1)[::30011]],
        })

path = pathlib.Path(__file__).with_suffix(".json")
with path.open("w") as out:
    named = ",\n".join(f'"{name}": {json.dumps(values)}' for name, (values, _) in recipes.items())
    lines = ",\n".join(json.dumps(case) for case in cases)
    out.write('{"recipes": {\n' + named + '\n},\n"cases": [\n' + lines + "\n]}\n")
print(f"{len(cases)} cases in {path}", file=sys.stderr)
