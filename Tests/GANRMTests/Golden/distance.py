"""Golden values for the Fréchet distance, from SciPy, scikit-learn and mpmath.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 mpmath==1.3.0
    python distance.py    # writes distance.json

Samples are generated with ../../EncodersTests/Golden/splitmix.py, see `samples`. For each case:

    mean_term, covariance_term    mpmath with 60 digits, eigenvalues of the symmetric form of the product
    scipy                         the distance as in pytorch-fid 0.3.0, with scipy.linalg.sqrtm
    intensities, shrunk           scikit-learn's ledoit_wolf, and the covariance term with its covariances
                                  times n / (n - 1)

Tolerances in the tests: 1e-13 of the total variance for mpmath's values and 1e-12 for intensities, for
sums in another order. For a singular covariance NumPy gives 1e-17 for eigenvalues of 0, with roots of
3e-9, hence 1e-7 of the total variance for the shrunk term, and 1e-6 of the distance for sqrtm.
"""

import json
import pathlib
import sys

import mpmath
import numpy
import scipy.linalg
from sklearn.covariance import ledoit_wolf

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "EncodersTests/Golden"))
from splitmix import numbers  # noqa: E402

mpmath.mp.dps = 60

# name, samples of each side, width, offset of the other side, number of distinct columns
CASES = [
    ("more samples than numbers", 200, 150, 16, 0.25, 16),
    ("as many samples as numbers", 48, 48, 48, 0.0, 48),
    ("fewer samples than numbers", 20, 30, 48, 0.25, 48),
    ("more on one side, fewer on the other", 100, 20, 48, 0.0, 48),
    ("covariances of rank 12 of 48", 100, 80, 48, 0.5, 12),
    ("two samples against three", 2, 3, 16, 1.0, 16),
    ("one number", 30, 40, 1, 0.5, 1),
]


def samples(name, count, width, offset, distinct):
    """Columns of decreasing variance with a common component; columns repeat after `distinct` columns."""
    own = numbers(name, (count, distinct), 1, offset)
    common = numbers(name + " in common", (count, 1), 0.25)
    spread = numpy.float32(1) / numpy.arange(1, distinct + 1, dtype=numpy.float32)
    columns = own * spread + common
    return columns[:, numpy.arange(width) % distinct]


def exact(a, b):
    """Mean term and covariance term from the eigenvalues of M Mᵀ, with M = A Bᵀ for centred A and B."""

    def centred(x):
        x = mpmath.matrix(x.astype(float).tolist())
        mean = [mpmath.fsum(x[:, j]) / x.rows for j in range(x.cols)]
        root = mpmath.sqrt(x.rows - 1)
        return mean, mpmath.matrix(
            [[(x[i, j] - mean[j]) / root for j in range(x.cols)] for i in range(x.rows)]
        )

    (mean_a, a), (mean_b, b) = centred(a), centred(b)
    mean_term = mpmath.fsum((p - q) ** 2 for p, q in zip(mean_a, mean_b))
    trace = mpmath.fsum(v**2 for v in a) + mpmath.fsum(v**2 for v in b)
    product = a * b.T if a.rows <= b.rows else b * a.T
    eigenvalues = mpmath.eigsy(product * product.T, eigvals_only=True)
    root = mpmath.fsum(mpmath.sqrt(max(value, 0)) for value in eigenvalues)
    return float(mean_term), float(trace - 2 * root)


def pytorch_fid(a, b):
    a, b = a.astype(float), b.astype(float)
    sigma_a, sigma_b = (numpy.atleast_2d(numpy.cov(x, rowvar=False)) for x in (a, b))
    root = scipy.linalg.sqrtm(sigma_a @ sigma_b)
    if not numpy.isfinite(root).all():
        offset = numpy.eye(len(sigma_a)) * 1e-6
        root = scipy.linalg.sqrtm((sigma_a + offset) @ (sigma_b + offset))
    difference = a.mean(0) - b.mean(0)
    return float(
        difference @ difference + sigma_a.trace() + sigma_b.trace() - 2 * numpy.real(root).trace()
    )


def shrunk(a, b):
    covariances, intensities = zip(*(ledoit_wolf(x.astype(float)) for x in (a, b)))
    sigma_a, sigma_b = (s * len(x) / (len(x) - 1) for s, x in zip(covariances, (a, b)))
    values, vectors = numpy.linalg.eigh(sigma_a)
    root = (vectors * numpy.sqrt(values.clip(0))) @ vectors.T
    eigenvalues = numpy.linalg.eigvalsh(root @ sigma_b @ root)
    term = sigma_a.trace() + sigma_b.trace() - 2 * numpy.sqrt(eigenvalues.clip(0)).sum()
    return [float(x) for x in intensities], float(term)


def main():
    cases = []
    for name, first, second, width, offset, distinct in CASES:
        a = samples(name + " a", first, width, 0, distinct)
        b = samples(name + " b", second, width, offset, distinct)
        mean_term, covariance_term = exact(a, b)
        intensities, term = shrunk(a, b)
        cases.append({
            "name": name, "counts": [first, second], "width": width, "offset": offset,
            "distinct": distinct, "mean_term": mean_term, "covariance_term": covariance_term,
            "scipy": pytorch_fid(a, b), "intensities": intensities, "shrunk": term,
        })
    (HERE / "distance.json").write_text(json.dumps(cases, indent=1) + "\n")


main()
