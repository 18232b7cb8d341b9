"""Make the data set of this example: customers of a year, whose last two months are unlike those before.

The seed is fixed, so that everybody has the same customers: python -m churn.generate --out data/customers.parquet
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

CUSTOMERS = 6000
DRIFT = pd.Timestamp("2025-11-01", tz="UTC")
"""From here on a dearer plan is sold to people who pay more, and leave less for it."""


def customers(seed: int = 7) -> pd.DataFrame:
    """Return the customers, one row for each."""
    random = np.random.default_rng(seed)
    seen = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.sort(random.integers(0, 365 * 24, CUSTOMERS)), "h")
    late = np.asarray(seen >= DRIFT)
    tenure = np.minimum(random.gamma(2.0, 12.0, CUSTOMERS).round(), 600).astype("int64")
    plan = np.where(
        late,
        random.choice(["basic", "plus", "pro"], CUSTOMERS, p=[0.2, 0.3, 0.5]),
        random.choice(["basic", "plus", "pro"], CUSTOMERS, p=[0.5, 0.35, 0.15]),
    )
    price = pd.Series(plan).map({"basic": 10.0, "plus": 25.0, "pro": 60.0}).to_numpy()
    spend = (price * random.lognormal(np.where(late, 0.25, 0.0), 0.25, CUSTOMERS)).round(2)
    region = random.choice(["eu", "us"], CUSTOMERS, p=[0.6, 0.4])
    leaning = 1.6 - 0.11 * tenure + 1.4 * (plan == "basic") - 1.2 * (plan == "pro") + 2.2 * (spend / price - 1)
    leaves = random.random(CUSTOMERS) < 1 / (1 + np.exp(-1.6 * (leaning - 0.4 * late)))
    return pd.DataFrame(
        {
            "customer_id": np.arange(1, CUSTOMERS + 1, dtype="int64"),
            "event_timestamp": seen,
            "tenure": tenure,
            "plan": plan,
            "monthly_spend": spend,
            "region": region,
            "churned": leaves,
        }
    )


def main() -> None:
    """Write the data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    customers().to_parquet(parser.parse_args().out, index=False)


if __name__ == "__main__":
    main()
