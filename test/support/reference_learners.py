"""Reference answers for parity tests: JSON job on stdin, JSON answer on stdout. Needs scikit-learn; XGBoost if asked."""
import json
import sys

import numpy as np


def matrix(job, name):
    rows = np.array(job[name], dtype=np.float32)
    return rows.reshape(-1, job["featureCount"])


def boosted(job):
    if job["library"] == "xgboost":
        from xgboost import XGBClassifier

        return XGBClassifier(
            n_estimators=job["rounds"],
            max_depth=job["maxDepth"],
            learning_rate=job["learningRate"],
            reg_lambda=job["lambda"],
            tree_method="hist",
            n_jobs=1,
        )
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=job["rounds"],
        max_depth=job["maxDepth"],
        max_leaf_nodes=None,
        min_samples_leaf=job["minLeafRows"],
        learning_rate=job["learningRate"],
        l2_regularization=job["lambda"],
        early_stopping=False,
    )


def main():
    job = json.load(sys.stdin)
    train, test = matrix(job, "train"), matrix(job, "test")
    if job["task"] == "isolation":
        from sklearn.ensemble import IsolationForest

        model = IsolationForest(n_estimators=job["trees"], max_samples=job["sampleRows"], random_state=0, n_jobs=1)
        model.fit(train)
        scores = -model.score_samples(test)
    else:
        model = boosted(job)
        model.fit(train, np.array(job["labels"]))
        scores = model.predict_proba(test)[:, 1]
    json.dump([float(score) for score in scores], sys.stdout)


main()
