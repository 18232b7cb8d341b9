"""Routes as the Gateway API reads them."""

from __future__ import annotations

import pytest

from mlops_spec.backends.gateway.gateway_api import GatewayAPI, Use
from mlops_spec.language.text import Name

OWN = GatewayAPI(address="platform.gateway", class_="istio", use=None, host="*.ml.acme.example")
USE = Use(address="platform.gateway.use", name=Name("main"), namespace=Name("gateways"))
USED = GatewayAPI(address="platform.gateway", class_=None, use=USE, host=None)
NONE = GatewayAPI(address="platform.gateway", class_=None, use=None, host=None)
PATH = "gateway/httproute-churn.yaml"


@pytest.fixture
def rule(nodes, printed):
    """Print one route, and return its rule."""

    def rule(*targets, **changes):
        objects = printed(OWN.emit(nodes.blueprint(routes=(nodes.route(*targets, **changes),))))
        (rule,) = objects[PATH]["spec"]["rules"]
        return rule

    return rule


def mirror(nodes, percent=None, fraction=None):
    target = nodes.target("churn-shadow-predictor")
    return nodes.Mirror(address="x", target=target, percent=percent, fraction=fraction)


def test_a_route_leads_from_a_host_and_path_to_a_service(nodes, printed):
    spec = printed(OWN.emit(nodes.blueprint(routes=(nodes.route(),))))[PATH]["spec"]
    assert spec["parentRefs"] == [{"name": "models", "namespace": "churn-dev"}]
    assert spec["hostnames"] == ["churn.ml.acme.example"]
    (rule,) = spec["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/churn"}}]
    assert rule["backendRefs"] == [{"name": "churn-predictor", "port": 80}]
    assert rule["filters"] == [
        {"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}}
    ]


def test_without_a_host_or_a_rewrite_none_is_said(nodes, printed):
    spec = printed(OWN.emit(nodes.blueprint(routes=(nodes.route(host=None, rewrite=None, path="/"),))))[PATH]["spec"]
    assert "hostnames" not in spec
    assert "filters" not in spec["rules"][0]


def test_requests_are_split_by_weights_also_of_nothing(nodes, rule):
    said = rule(nodes.target("churn-predictor", 0), nodes.target("churn-v7-predictor", 100))
    assert said["backendRefs"] == [
        {"name": "churn-predictor", "port": 80, "weight": 0},
        {"name": "churn-v7-predictor", "port": 80, "weight": 100},
    ]


@pytest.mark.parametrize("percent, fraction, said", [
    (None, None, {}),
    (20, None, {"percent": 20}),
    (0, None, {"percent": 0}),
    (None, (1, 8), {"fraction": {"numerator": 1, "denominator": 8}}),
])  # fmt: skip
@pytest.mark.parametrize("rewrite", ["/", None])
def test_copies_of_requests_go_to_a_shadow(nodes, rule, percent, fraction, said, rewrite):
    part = nodes.Fraction(address="x", numerator=fraction[0], denominator=fraction[1]) if fraction else None
    filters = rule(mirror=mirror(nodes, percent, part), rewrite=rewrite)["filters"]
    backend = {"name": "churn-shadow-predictor", "port": 80}
    assert filters[-1] == {"type": "RequestMirror", "requestMirror": {"backendRef": backend, **said}}
    assert len(filters) == (2 if rewrite else 1)


def test_an_own_gateway_takes_routes_of_its_namespace(nodes, printed):
    gateway = nodes.Gateway(**nodes.resource("models", "gateway"), kind=Name("istio"), port=80)
    spec = printed(OWN.emit(nodes.blueprint(gateway=gateway)))["gateway/gateway-models.yaml"]["spec"]
    assert spec == {
        "gatewayClassName": "istio",
        "listeners": [
            {"name": "http", "protocol": "HTTP", "port": 80, "allowedRoutes": {"namespaces": {"from": "Same"}}}
        ],
    }


def test_the_gateway_is_the_one_that_exists_else_the_one_that_is_made_else_none():
    own, namespace = Name("models"), Name("churn")
    used, made = USED.parent(own, namespace), OWN.parent(own, namespace)
    assert (used.name, used.namespace) == ("main", "gateways")
    assert (made.name, made.namespace) == ("models", "churn")
    assert NONE.parent(own, namespace) is None
    assert (OWN.kind, USED.kind, NONE.kind) == ("istio", None, None)


def test_requests_come_from_the_gateways_namespace_or_from_its_pods():
    assert (USED.source(8080).namespace, USED.source(8080).pods) == ("gateways", ())
    (label,) = OWN.source(8080).pods
    assert (label.key, label.value) == ("gateway.networking.k8s.io/gateway-name", "models")


def test_a_gateway_in_the_environment_reaches_its_control_plane():
    (istiod,) = OWN.egress()
    assert (istiod.namespace, istiod.port) == ("istio-system", 15012)
    other = GatewayAPI(address="platform.gateway", class_="other", use=None, host=None)
    assert other.egress() == ()


def test_what_is_not_built_says_so():
    assert [(limit.field, limit.built) for limit in GatewayAPI.limits] == [("models.*.ab_test", False)]


def test_the_crds_take_it(nodes, printed, conforms):
    gateway = nodes.Gateway(**nodes.resource("models", "gateway"), kind=Name("istio"), port=80)
    part = nodes.Fraction(address="x", numerator=1, denominator=8)
    split = nodes.target("churn-predictor", 90), nodes.target("churn-v7-predictor", 10)
    route = nodes.route(*split, mirror=mirror(nodes, None, part))
    conforms(printed(OWN.emit(nodes.blueprint(gateway=gateway, routes=(route,)))))
