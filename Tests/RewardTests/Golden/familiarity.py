"""Golden values for the familiarity of embeddings, from NumPy and SciPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python familiarity.py    # writes familiarity.json

Embeddings are mixtures of values from `Tests/EncodersTests/Golden/splitmix.py`. The three largest principal
components of their covariance C are kept, as if the others had no variance. Distances follow the definition
x' inv(C + ridge I) x / D; the code under test never inverts the matrix. Percentiles and the limit are from
`scipy.stats.norm`.

Tolerances in the tests: 1e-5 relative for distances, since the stored values are rounded to single precision and
standardized in single precision; 1e-9 for percentiles of given distances.
"""

import json
import pathlib
import sys

import numpy
import scipy.stats

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "EncodersTests/Golden"))
from splitmix import numbers  # noqa: E402

COUNT, WIDTH, RANK, RIDGE = 40, 12, 3, 0.3
LOG_MEDIAN, LOG_DEVIATION = -0.125, 0.25


def single(values):
    """Values rounded to single precision, as double precision."""
    return numpy.asarray(values, numpy.float32).astype(numpy.float64)


def draw(name, count):
    shared = numbers(f"{name}.shared", (count, RANK), 2.0) @ numbers("mixture", (RANK, WIDTH), 1.0)
    return single(shared + numbers(f"{name}.own", (count, WIDTH), 0.5) + numbers("offset", (WIDTH,), 3.0))


samples = draw("samples", COUNT)
mean, deviation = single(samples.mean(0)), single(samples.std(0))
standardized = (samples - samples.mean(0)) / samples.std(0)
variances, vectors = numpy.linalg.eigh(standardized.T @ standardized / COUNT)
variances, vectors = variances[-RANK:], vectors[:, -RANK:]
covariance = vectors * variances @ vectors.T
inverse = numpy.linalg.inv(covariance + RIDGE * numpy.eye(WIDTH))
limit = numpy.exp(LOG_MEDIAN + scipy.stats.norm.ppf(0.997) * LOG_DEVIATION)


def percentile(distance):
    if distance == 0:
        return 0.0
    return float(100 * scipy.stats.norm.cdf((numpy.log(distance) - LOG_MEDIAN) / LOG_DEVIATION))


def case(embedding):
    x = (embedding - mean) / deviation
    distance = float(numpy.sqrt(x @ inverse @ x / WIDTH))
    bounded = embedding if distance <= limit else mean + limit / distance * (embedding - mean)
    return {
        "embedding": embedding.tolist(),
        "distance": distance,
        "percentile": percentile(distance),
        "bounded": single(bounded).tolist(),
    }


news = draw("news", 4)
embeddings = [mean, samples[0], samples[1], *news]
embeddings += [single(mean + factor * (news[0] - mean)) for factor in (3, 10, 1000)]
embeddings += [single(mean + 4 * deviation * sign) for sign in numpy.sign(numbers("signs", (2, WIDTH), 1.0))]

golden = {
    "mean": mean.tolist(),
    "deviation": deviation.tolist(),
    "components": single((vectors * numpy.sqrt(variances / (variances + RIDGE))).T).ravel().tolist(),
    "ridge": RIDGE,
    "count": COUNT,
    "log_median": LOG_MEDIAN,
    "log_deviation": LOG_DEVIATION,
    "limit": float(limit),
    "cases": [case(embedding) for embedding in embeddings],
    "percentiles": [
        {"distance": distance, "percentile": percentile(distance)}
        for distance in (0.0, 1e-3, 0.25, 0.5, 0.75, 0.8825, 1.0, 1.25, 1.5, 1.75, 2.0, 3.0, 1e6)
    ],
}
pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps(golden, separators=(",", ":")).replace("},{", "},\n{") + "\n")
