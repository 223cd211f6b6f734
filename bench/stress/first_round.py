"""First-round losses in NumPy, beside the kernel: vectorised forms over tiles, each on a sample, the fastest on all.

  matmul   dense positions x assets weights times prices, by BLAS
  sparse   the same as CSR (SciPy), where it is installed
  gather   padded columns of asset numbers: prices are taken, multiplied and added in place

  front    matmul with positions sorted by health and scenarios by severity, cut where none can be unhealthy
  pairs    positions of one collateral and one debt searched among thresholds, the others by front

The last two are the kernel's own ideas, as far as they can be vectorised.
Reads one folder of raw arrays; prints one JSON line. Each of `processes` takes its part of the scenarios.
"""
import json, os, sys, time
from concurrent.futures import ProcessPoolExecutor
import numpy as np

folder, job = sys.argv[1], json.loads(sys.argv[2])
A = job["assets"]
load = lambda name, kind: np.fromfile(os.path.join(folder, name), dtype=kind)
cs, ca, cu = load("collateralStart", np.int32), load("collateralAsset", np.int32), load("collateralUnits", np.float64)
ct, cb = load("collateralThreshold", np.float64), load("collateralBonus", np.float64)
ds, da, du = load("debtStart", np.int32), load("debtAsset", np.int32), load("debtUnits", np.float64)
prices = load("prices", np.float64).reshape(-1, A)
P = len(cs) - 1
rows_c, rows_d = np.repeat(np.arange(P), np.diff(cs)), np.repeat(np.arange(P), np.diff(ds))


def finish(limit, seizable, owed):
    """Counts and losses of a tile positions x scenarios; overwrites its arguments."""
    unhealthy = limit < owed
    np.subtract(owed, seizable, out=owed)
    np.maximum(owed, 0, out=owed)
    np.multiply(owed, unhealthy, out=owed)
    return np.count_nonzero(unhealthy, axis=0), owed.sum(axis=0)


def dense(rows, columns, values):
    matrix = np.zeros((P, A))
    np.add.at(matrix, (rows, columns), values)
    return matrix


def tiles(count, step):
    return [(k, min(count, k + step)) for k in range(0, count, step)]


def by_matmul(from_, to):
    weights = [dense(rows_c, ca, cu * ct), dense(rows_c, ca, cu / cb), dense(rows_d, da, du)]
    def run():
        counts, losses = np.zeros(to - from_, np.int64), np.zeros(to - from_)
        for s, t in tiles(to - from_, 256):
            part = np.ascontiguousarray(prices[from_ + s:from_ + t].T)
            for i, j in tiles(P, 1024):
                n, loss = finish(*(w[i:j] @ part for w in weights))
                counts[s:t] += n
                losses[s:t] += loss
        return counts, losses
    return run


def by_sparse(from_, to):
    from scipy.sparse import csr_matrix
    weights = [csr_matrix((v, a, s), shape=(P, A)) for v, a, s in ((cu * ct, ca, cs), (cu / cb, ca, cs), (du, da, ds))]
    blocks = [[w[i:j] for w in weights] for i, j in tiles(P, 1024)]
    def run():
        counts, losses = np.zeros(to - from_, np.int64), np.zeros(to - from_)
        for s, t in tiles(to - from_, 256):
            part = np.ascontiguousarray(prices[from_ + s:from_ + t].T)
            for block in blocks:
                n, loss = finish(*(w @ part for w in block))
                counts[s:t] += n
                losses[s:t] += loss
        return counts, losses
    return run


def padded(start, assets, values):
    width = int(np.diff(start).max())
    index, padded_values = np.zeros((width, P), np.int32), np.zeros((width, P))
    for k in range(width):
        has = np.diff(start) > k
        index[k, has] = assets[start[:-1][has] + k]
        padded_values[k, has] = values[start[:-1][has] + k]
    return index, padded_values


def by_gather(from_, to):
    columns = [padded(cs, ca, cu * ct), padded(cs, ca, cu / cb), padded(ds, da, du)]
    def run():
        counts, losses = np.zeros(to - from_, np.int64), np.zeros(to - from_)
        for s, t in tiles(to - from_, 64):
            part = np.ascontiguousarray(prices[from_ + s:from_ + t].T)
            for i, j in tiles(P, 1024):
                sums = []
                for index, values in columns:
                    total = part[index[0, i:j]] * values[0, i:j, None]
                    for k in range(1, len(index)):
                        total += part[index[k, i:j]] * values[k, i:j, None]
                    sums.append(total)
                n, loss = finish(*sums)
                counts[s:t] += n
                losses[s:t] += loss
        return counts, losses
    return run


def by_front(from_, to, among=None):
    """Positions by health at the first prices, scenarios by severity: each tile needs only the front of the positions."""
    near = np.fromfile(os.path.join(folder, "nearPrices"), dtype=np.float64)
    weights = [dense(rows_c, ca, cu * ct), dense(rows_c, ca, cu / cb), dense(rows_d, da, du)]
    if among is not None:
        weights = [w[among] for w in weights]
    health = (weights[0] @ near) / (weights[2] @ near)
    order = np.argsort(health)
    health, weights = health[order], [w[order] for w in weights]
    def run():
        moved = prices[from_:to] / near
        bound = moved.max(axis=1) / moved.min(axis=1) * (1 + 1e-9)
        severity = np.argsort(bound)
        counts, losses = np.zeros(to - from_, np.int64), np.zeros(to - from_)
        for s, t in tiles(to - from_, 256):
            here = severity[s:t]
            part = np.ascontiguousarray(prices[from_ + here].T)
            for i, j in tiles(int(np.searchsorted(health, bound[here].max())), 1024):
                n, loss = finish(*(w[i:j] @ part for w in weights))
                counts[here] += n
                losses[here] += loss
        return counts, losses
    return run


def ladder(at, *values):
    """Thresholds ascending, and sums of values over those from each place on."""
    order = np.argsort(at)
    return at[order], *(np.append(np.cumsum(v[order][::-1])[::-1], 0) for v in values)


def by_pairs(from_, to):
    """One collateral and one debt: searched among thresholds of their two assets, losses by sums along them; others by front."""
    single = np.flatnonzero((np.diff(cs) == 1) & (np.diff(ds) == 1))
    c, d = cs[single], ds[single]
    limit, seizable, owed = cu[c] * ct[c], cu[c] / cb[c], du[d]
    key = ca[c] * A + da[d]
    pairs = []
    for one in np.unique(key):
        k = np.flatnonzero(key == one)
        pairs.append((one // A, one % A, ladder(owed[k] / limit[k])[0], ladder(owed[k] / seizable[k], owed[k], seizable[k])))
    rest = by_front(from_, to, np.setdiff1d(np.arange(P), single))
    part = np.ascontiguousarray(prices[from_:to].T)
    def run():
        counts, losses = rest()
        for a, b, sound_at, (loss_at, owed_sum, seizable_sum) in pairs:
            rate = part[a] / part[b]
            here = np.flatnonzero(rate < sound_at[-1])
            counts[here] += len(sound_at) - np.searchsorted(sound_at, rate[here], "right")
            here = np.flatnonzero(rate < loss_at[-1])
            k = np.searchsorted(loss_at, rate[here], "right")
            losses[here] += owed_sum[k] * part[b, here] - seizable_sum[k] * part[a, here]
        return counts, losses
    return run


FORMS = {"matmul": by_matmul, "sparse": by_sparse, "gather": by_gather, "front": by_front, "pairs": by_pairs}
PRUNED = {"front", "pairs"}


def timed(form, from_, to):
    """Median wall of several runs, and the results."""
    run = FORMS[form](from_, to)
    walls = []
    for _ in range(job["repeats"]):
        start = time.perf_counter()
        counts, losses = run()
        walls.append(time.perf_counter() - start)
    return float(np.median(walls)), counts.tolist(), losses.tolist()


def main():
    result = {"sampleSec": {}}
    for form in FORMS:
        try:
            result["sampleSec"][form] = timed(form, 0, job["sample"])[0]
        except ImportError:
            pass
    for key, forms in (("all", FORMS.keys() - PRUNED), ("pruned", PRUNED)):
        form = min(forms & result["sampleSec"].keys(), key=result["sampleSec"].get)
        cuts = np.linspace(0, len(prices), job["processes"] + 1).astype(int)
        with ProcessPoolExecutor(job["processes"]) as pool:
            parts = list(pool.map(timed, [form] * job["processes"], cuts[:-1], cuts[1:]))
        result[key] = {"form": form, "sec": max(p[0] for p in parts),
                       "unhealthy": sum((p[1] for p in parts), []), "lossUsd": sum((p[2] for p in parts), [])}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
