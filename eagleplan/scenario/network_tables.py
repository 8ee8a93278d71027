"""The network of the TOML file: links, stocks, caps, key managers."""

from __future__ import annotations

from pydantic import Field

from eagleplan.inputs.checked import Table
from eagleplan.inputs.demand import MAX_HOPS
from eagleplan.scenario.fields import Bits, Fraction


class StockTable(Table):
    """Key that the two ends of an edge share when the horizon starts, made `age_s` before."""

    end_a: str
    end_b: str
    bits: Bits
    age_s: int = Field(default=0, ge=0)


class FibreTable(Table):
    """A terrestrial QKD link."""

    link_id: str = Field(min_length=1)
    node_a: str
    node_b: str
    rate_bps: float = Field(gt=0, le=1e8)
    availability_frac: Fraction = 1.0


class EdgeCapTable(Table):
    """The most bits that the stock of one edge may hold."""

    end_a: str
    end_b: str
    cap_bits: Bits


class NetworkTable(Table):
    nodes: list[str] = Field(default_factory=list)
    max_hops: int = Field(default=2, ge=1, le=MAX_HOPS)
    max_age_s: int | None = Field(default=None, ge=1)
    delivery_interval_s: int | None = Field(default=None, ge=600)
    satellite_cap_bits: dict[str, Bits] = Field(default_factory=dict)
    node_cap_bits: dict[str, Bits] = Field(default_factory=dict)
    edge_caps: list[EdgeCapTable] = Field(default_factory=list)
    fibre: list[FibreTable] = Field(default_factory=list)
    initial_stocks: list[StockTable] = Field(default_factory=list)


class KeyStoreTable(Table):
    """A pair of nodes whose key a key manager holds."""

    end_a: str
    end_b: str
    url: str
    slave_sae_id: str = Field(min_length=1)


class KmsTable(Table):
    """Stocks that key managers tell (ETSI GS QKD 014, `status`), over mutual TLS."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    timeout_s: float = Field(default=10.0, gt=0, le=600)
    stores: list[KeyStoreTable] = Field(default_factory=list)
