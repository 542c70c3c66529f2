"""What models predict, for make_trajectory.py: of each target and loss (include/hmm/learn/objective.h) what training
learns of its labels, its losses as PyTorch has them, the mean of several outputs, and what a table of predictions has."""
import math

import torch
import torch.nn.functional as F


def known(record, target):
    return "label" in record and (target != "time" or "event" in record)


def subjects_of(records, target):
    """One record of each subject that is trained on."""
    return {r["subject"]: r for r in records if r["split"] == "train" and known(r, target)}.values()


def double(values):
    return torch.tensor(values, dtype=torch.float64)


def area(scored):
    """Of scores, and whether they should be high."""
    wins = [(p > n) + (p == n) / 2 for p, a in scored if a for n, b in scored if not b]
    return sum(wins) / len(wins) if wins else math.nan


class Objective:
    outputs = 1

    def __init__(self, options, records):
        pass

    def losses(self, z, first):
        """Of outputs [items][outputs], and the first record of each item."""
        return torch.stack([self.loss(one, r) for one, r in zip(z, first)])

    def mean(self, z):
        return z.mean(0)

    def auc(self, z, first):
        return math.nan

    def finish(self, z, first):
        pass


class Binary(Objective):
    def loss(self, z, r):
        return F.binary_cross_entropy_with_logits(z[0], double(float(r["label"])))

    def mean(self, z):
        p = torch.sigmoid(z)
        return torch.log(p.sum(0)) - torch.log((1 - p).sum(0))

    def auc(self, z, first):
        return area([(one.item(), r["label"]) for one, r in zip(z[:, 0], first)])

    def numbers(self, z):
        return {"logit": z[0]}


class Classes(Objective):
    def __init__(self, options, records):
        self.names = sorted({str(r["label"]) for r in subjects_of(records, "classes")}, key=str.encode)
        self.outputs = len(self.names)

    def number(self, r):
        return self.names.index(str(r["label"]))

    def loss(self, z, r):
        return F.cross_entropy(z, torch.tensor(self.number(r)))

    def mean(self, z):
        return F.softmax(z, 1).mean(0).log()

    def auc(self, z, first):
        p = F.softmax(z, 1)
        areas = [area([(one.item(), self.number(r) == k) for one, r in zip(p[:, k], first)]) for k in range(self.outputs)]
        areas = [one for one in areas if not math.isnan(one)]
        return sum(areas) / len(areas)

    def numbers(self, z):
        return dict(zip(["probability_" + name for name in self.names], F.softmax(z, 0)))


class Value(Objective):
    def __init__(self, options, records):
        self.of = options.loss or "gaussian"
        values = double([float(r["label"]) for r in subjects_of(records, "value")])
        self.center, self.scale = values.mean(), values.std(unbiased=False)
        self.outputs = 2 if self.of == "gaussian" else 1

    def loss(self, z, r):
        want = (float(r["label"]) - self.center) / self.scale
        if self.of == "gaussian":
            return F.gaussian_nll_loss(z[:1], want[None], z[1:].exp(), eps=1e-300)
        return F.huber_loss(z[0], want) if self.of == "huber" else F.mse_loss(z[0], want)

    def numbers(self, z):
        have = {"value": self.center + self.scale * z[0]}
        return {**have, "sd": self.scale * z[1].exp().sqrt()} if self.of == "gaussian" else have


class Time(Objective):
    def __init__(self, options, records):
        events = sorted(float(r["label"]) for r in subjects_of(records, "time") if r["event"])
        usual = sorted({events[k * len(events) // 9] for k in range(1, 9)} - {events[-1], 0})
        self.times = [float(time) for time in options.times.split(",")] if options.times else usual

    def auc(self, z, first):
        """Harrell's C of risks."""
        rows = [(float(r["label"]), r["event"], self.risk(one).item()) for one, r in zip(z, first)]
        pairs = [(a > b) + (a == b) / 2 for t, e, a in rows if e for u, f, b in rows if t < u or (t == u and not f)]
        return sum(pairs) / len(pairs) if pairs else math.nan

    def numbers(self, z):
        survival = self.survival(z)
        return {"risk": self.risk(z), **{"survival_%.9g" % time: s for time, s in zip(self.times, survival)}}


class Hazards(Time):
    def __init__(self, options, records):
        super().__init__(options, records)
        self.outputs = len(self.times)

    def loss(self, z, r):
        time, start, through, died = float(r["label"]), 0, [], []
        for k, end in enumerate(self.times):
            if r["event"] and (start < time or k == 0) and time <= end:
                died.append(k)
            elif (end < time) if r["event"] else ((start + end) / 2 <= time):
                through.append(k)
            start = end
        said = through + died
        return F.binary_cross_entropy_with_logits(z[said], double([float(k in died) for k in said]), reduction="sum")

    mean = Binary.mean

    def survival(self, z):
        return torch.cumprod(1 - torch.sigmoid(z), 0)

    def risk(self, z):
        return -self.survival(z).log().sum()


class Cox(Time):
    def losses(self, z, first):
        """Of each Efron's partial likelihood of all, an event."""
        eta, times = z[:, 0], [float(r["label"]) for r in first]
        loss, events = 0 * eta.sum(), sum(r["event"] for r in first)
        for time in sorted({t for t, r in zip(times, first) if r["event"]}):
            dead = [i for i, t in enumerate(times) if t == time and first[i]["event"]]
            risk, own = eta[[i for i, t in enumerate(times) if t >= time]].exp().sum(), eta[dead].exp().sum()
            for place in range(len(dead)):
                loss = loss + torch.log(risk - place / len(dead) * own)
            loss = loss - eta[dead].sum()
        return (loss / max(events, 1)).expand(len(first))

    def finish(self, z, first):
        """Breslow's baseline."""
        eta, times = z[:, 0], [float(r["label"]) for r in first]
        risks = {t: eta[[i for i, u in enumerate(times) if u >= t]].exp().sum() for t in times}
        self.baseline = [sum(1 / risks[t] for t, r in zip(times, first) if r["event"] and t <= time) for time in self.times]

    def survival(self, z):
        return [torch.exp(-hazard * z[0].exp()) for hazard in self.baseline]

    def risk(self, z):
        return z[0]


def objective_of(options, records):
    kind = {"binary": Binary, "classes": Classes, "value": Value, "time": Cox if options.loss == "cox" else Hazards}
    return kind[options.target](options, records)
