"""An epoch of the digits' network against peers that are installed: scikit-learn, and PyTorch from the extra."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np

from benchmarks.timing import call, row

N, INPUTS, HIDDEN, CLASSES, BATCH, RATE = 6000, 784, 256, 10, 50, 0.1


def main() -> None:
    from generated import neural_network
    from training.layers import initial_layers

    rng = np.random.default_rng(0)
    rows = rng.standard_normal((N, INPUTS), dtype=np.float32)
    labels = rng.integers(0, CLASSES, N)
    D = np.zeros((CLASSES, N), np.float32)
    D[labels, np.arange(N)] = 1
    params = initial_layers(rows.T, [HIDDEN, CLASSES], rng)

    def ours() -> None:
        neural_network.train(
            params, rows.T, D, learning_rate=RATE, batch=BATCH, epochs=1, rng=rng, callback=lambda *_: None
        )

    generated = call(ours)
    row("generated.neural_network", generated, generated, "generated")

    from sklearn.neural_network import MLPClassifier

    peer = MLPClassifier(
        (HIDDEN,), activation="logistic", solver="sgd", alpha=0, batch_size=BATCH, momentum=0, learning_rate_init=RATE
    )
    peer.partial_fit(rows, labels, classes=np.arange(CLASSES))
    row("scikit-learn MLPClassifier", call(lambda: peer.partial_fit(rows, labels)), generated, "generated")

    try:
        import torch
    except ImportError:
        print("PyTorch is not installed (extra `bench`)")
        return
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    network = torch.nn.Sequential(
        torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Sigmoid(), torch.nn.Linear(HIDDEN, CLASSES)
    )
    descent = torch.optim.SGD(network.parameters(), lr=RATE)
    loss = torch.nn.CrossEntropyLoss()
    X, t = torch.from_numpy(rows), torch.from_numpy(labels)

    def torch_epoch() -> None:
        for batch in torch.randperm(N).split(BATCH):
            descent.zero_grad()
            loss(network(X[batch]), t[batch]).backward()
            descent.step()

    row("PyTorch, eager", call(torch_epoch), generated, "generated")


if __name__ == "__main__":
    main()
