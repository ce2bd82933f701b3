#!/usr/bin/python3
# Takes the facts of upstream's policies (names, check strings, scope types, operations) from checkouts and prints
# them as the table upstream-policies.tsv, each service with the release and commit that they come from:
#
#   upstream-policies.py keystone=DIR nova=DIR neutron=DIR neutron-lib=DIR cinder=DIR glance=DIR placement=DIR >upstream-policies.tsv
#
# The modules of policies are run with stand-ins for all that they import from elsewhere, so nothing need be installed.
import importlib
import importlib.abc
import importlib.machinery
import json
import pkgutil
import subprocess
import sys
import types

PACKAGES = {
    "keystone": "keystone/common/policies",
    "nova": "nova/policies",
    "neutron": "neutron/conf/policies",
    "cinder": "cinder/policies",
    "glance": "glance/policies",
    "placement": "placement/policies",
}


class Anything:
    """What a policy module needs of a library that is not there: any attribute, any call."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()

    def __mod__(self, other):
        return self


class RuleDefault:
    """oslo.policy's rule as far as its facts go."""

    def __init__(self, name, check_str, description=None, operations=None, deprecated_rule=None, deprecated_for_removal=False,
                 deprecated_reason=None, deprecated_since=None, scope_types=None):
        self.name, self.check_str, self.scope_types = name, check_str, scope_types
        self.operations = operations or []


class DocumentedRuleDefault(RuleDefault):
    def __init__(self, name, check_str, description=None, operations=None, **more):
        super().__init__(name, check_str, description, operations, **more)


class DeprecatedRule:
    """What a rule was before: not asked any more by default."""

    def __init__(self, *args, **kwargs):
        pass


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Any module that no checkout has."""

    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__path__ = []
        module.__getattr__ = lambda attribute: Anything()
        if spec.name == "oslo_policy.policy":
            module.RuleDefault, module.DocumentedRuleDefault, module.DeprecatedRule = RuleDefault, DocumentedRuleDefault, DeprecatedRule
        return module

    def exec_module(self, module):
        pass


def bare(name, directory):
    """A package whose own code is not run, only that of its modules."""
    module = types.ModuleType(name)
    module.__path__ = [directory]
    sys.modules[name] = module


def facts(service, checkout):
    parts = PACKAGES[service].split("/")
    for depth in range(1, len(parts) + 1):
        bare(".".join(parts[:depth]), f"{checkout}/{'/'.join(parts[:depth])}")
    folder = f"{checkout}/{PACKAGES[service]}"
    rules = {}
    for found in sorted(pkgutil.iter_modules([folder]), key=lambda it: it.name):
        module = importlib.import_module(f"{'.'.join(parts)}.{found.name}")
        for rule in module.list_rules() if hasattr(module, "list_rules") else []:
            rules[rule.name] = rule
    return rules


def commit(checkout):
    git = ["git", "-C", checkout]
    return [subprocess.check_output([*git, *words], text=True).strip() for words in (["describe", "--tags"], ["rev-parse", "HEAD"])]


def main():
    checkouts = dict(argument.split("=", 1) for argument in sys.argv[1:])
    libraries = checkouts.pop("neutron-lib", None)
    if libraries:
        bare("neutron_lib", f"{libraries}/neutron_lib")
        bare("neutron_lib.policy", f"{libraries}/neutron_lib/policy")
        package = sys.modules["neutron_lib.policy"]
        exec(compile(open(f"{libraries}/neutron_lib/policy/__init__.py").read(), "policy", "exec"), package.__dict__)
    sys.meta_path.append(StandIns())
    importlib.import_module("oslo_policy.policy")
    sources = {**checkouts, **({"neutron-lib": libraries} if libraries else {})}
    for name, checkout in sources.items():
        release, revision = commit(checkout)
        print(f"# openstack/{name} {release} {revision}")
    print("service\trule\tcheck\tscope types\toperations")
    for service, checkout in checkouts.items():
        for name, rule in facts(service, checkout).items():
            operations = []
            for one in rule.operations:
                methods = one["method"] if isinstance(one["method"], list) else [one["method"]]
                operations += [f"{method} {one['path']}" for method in methods]
            scopes = ",".join(rule.scope_types) if rule.scope_types else "-"
            print("\t".join([service, name, json.dumps(rule.check_str), scopes, json.dumps(operations)]))


main()
