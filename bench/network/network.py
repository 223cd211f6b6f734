"""DebtRank of many shocks and clearing of many scenarios in NumPy and SciPy: dense by BLAS, sparse as CSR; the faster counts.

Reads a job and one folder of raw arrays; prints one JSON line with seconds by form and the results. The same stopping
rules as the kernels': increments of 1e-17, falls of 1e-13 of what is owed.
"""
import json, os, sys, time
import numpy as np

folder, job = sys.argv[1], json.loads(sys.argv[2])
N = job["size"]
load = lambda name, kind: np.fromfile(os.path.join(folder, name), dtype=kind)
start, column, value = load("rowStart", np.int32), load("column", np.int32), load("value", np.float64)


def dense(values):
    matrix = np.zeros((N, N))
    matrix[np.repeat(np.arange(N), np.diff(start)), column] = values
    return matrix


def product(form, values):
    """Function from shares (N x B) to what reaches each node."""
    if form == "dense":
        matrix = np.ascontiguousarray(dense(values).T)
        return lambda shares: matrix @ shares
    from scipy.sparse import csr_matrix
    matrix = csr_matrix((values, column, start), shape=(N, N)).T.tocsr()
    return lambda shares: matrix @ shares


def debt_rank(form):
    deliver = product(form, value)
    lost = np.zeros(N)
    for first in range(0, N, job["tile"]):
        last = min(N, first + job["tile"])
        initial = np.zeros((N, last - first))
        initial[np.arange(first, last), np.arange(last - first)] = 1
        distress, fresh = initial.copy(), initial.copy()
        while fresh.max() > 1e-17:
            change = deliver(fresh)
            total = distress + change
            fresh = np.where(total < 1, change, 1 - distress)
            np.minimum(total, 1, out=distress)
        lost[first:last] = (distress - initial).sum(axis=0) / N
    return lost


def clearing(form):
    owed = np.add.reduceat(value, start[:-1])
    deliver = product(form, value / np.repeat(owed, np.diff(start)))
    assets = load("assets", np.float64).reshape(-1, N)
    unpaid = np.zeros(len(assets))
    for first in range(0, len(assets), job["tile"]):
        external = np.ascontiguousarray(assets[first:first + job["tile"]].T)
        paid = np.repeat(owed[:, None], external.shape[1], axis=1)
        while True:
            following = np.minimum(paid, external + deliver(paid))
            fell = ((paid - following) / owed[:, None]).max()
            paid = following
            if fell <= 1e-13:
                break
        unpaid[first:first + job["tile"]] = (owed[:, None] - paid).sum(axis=0)
    return unpaid


result = {"sec": {}}
for form in ("dense", "sparse"):
    try:
        begin = time.perf_counter()
        result["values"] = {"debtRank": debt_rank, "clearing": clearing}[job["kind"]](form).tolist()
        result["sec"][form] = time.perf_counter() - begin
    except ImportError:
        pass
print(json.dumps(result))
