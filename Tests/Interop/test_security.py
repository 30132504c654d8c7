"""Who may do what: ACLs and SCRAM credentials."""

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, NewTopic, ResourcePatternType,
    ResourceType, ScramCredentialInfo, ScramMechanism, UserScramCredentialDeletion, UserScramCredentialUpsertion)

from clients import Clients, code, send, values
from cluster import Cluster, eventually


def rule(topic, operation=AclOperation.WRITE, permission=AclPermissionType.DENY, who="User:ANONYMOUS",
         pattern=ResourcePatternType.LITERAL, make=AclBinding):
    return make(ResourceType.TOPIC, topic, pattern, who, "*", operation, permission)


def all_of(futures):
    return [future.result(30) for future in futures.values()]


def rules_on(topic):
    return AclBindingFilter(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, None, None,
                            AclOperation.ANY, AclPermissionType.ANY)


def test_rules_are_kept_found_and_taken_back(admin, name):
    topic = name()
    rules = [rule(topic, operation, AclPermissionType.ALLOW, "User:chef")
             for operation in (AclOperation.READ, AclOperation.WRITE)]
    all_of(admin.create_acls(rules))
    eventually(lambda: sorted(admin.describe_acls(rules_on(topic)).result(30)) == sorted(rules))
    one = rule(topic, AclOperation.READ, AclPermissionType.ALLOW, "User:chef", make=AclBindingFilter)
    assert all_of(admin.delete_acls([one])) == [[rules[0]]]
    eventually(lambda: admin.describe_acls(rules_on(topic)).result(30) == [rules[1]])
    all_of(admin.delete_acls([rules_on(topic)]))
    eventually(lambda: admin.describe_acls(rules_on(topic)).result(30) == [])


@pytest.fixture(params=[1, 3], ids=["one-node", "three-nodes"])
def authorizing(request):
    """A cluster that asks its rules; where there are none, everybody may do everything."""
    cluster = Cluster(request.param, "--authorizer", "--allow-if-no-acl").start()
    yield cluster
    assert cluster.stop() == 0


def test_a_denied_writer_is_refused_until_the_rule_goes(authorizing):
    admin, topic = AdminClient({"bootstrap.servers": authorizing.bootstrap, "log_level": 3}), "menu"
    all_of(admin.create_topics([NewTopic(topic, 1, authorizing.replicas)], operation_timeout=30))
    with Clients(authorizing) as clients:
        deny_and_allow(admin, clients, topic)


def deny_and_allow(admin, clients, topic):
    all_of(admin.create_acls([rule(topic)]))
    try:
        def refused():
            try:
                send(clients.producer(), topic, [{"value": b"no"}])
            except KafkaException as error:
                assert error.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
                return True
        eventually(refused)
    finally:
        all_of(admin.delete_acls([rules_on(topic)]))

    def allowed():
        try:
            send(clients.producer(), topic, [{"value": b"yes"}])
            return True
        except KafkaException:
            return False
    eventually(allowed)
    assert values(clients.read(topic))[-1] == b"yes"


def test_scram_credentials_are_kept_described_and_removed(admin, name):
    user = name("user")
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 8192)
    all_of(admin.alter_user_scram_credentials([UserScramCredentialUpsertion(user, info, b"kimchi", b"salt")]))

    def described():
        return admin.describe_user_scram_credentials([user])[user].result(30)
    (kept,) = eventually(described).scram_credential_infos
    assert (kept.mechanism, kept.iterations) == (ScramMechanism.SCRAM_SHA_256, 8192)
    all_of(admin.alter_user_scram_credentials([UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_256)]))

    def gone():
        with pytest.raises(KafkaException) as refused:
            described()
        return code(refused) == KafkaError.RESOURCE_NOT_FOUND
    eventually(gone)


@pytest.mark.parametrize("iterations, expected", [
    (100, KafkaError.UNACCEPTABLE_CREDENTIAL), (100_000, KafkaError.UNACCEPTABLE_CREDENTIAL)])
def test_a_weak_or_costly_credential_is_refused(admin, name, iterations, expected):
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, iterations)
    with pytest.raises(KafkaException) as refused:
        all_of(admin.alter_user_scram_credentials([UserScramCredentialUpsertion(name("u"), info, b"kimchi", b"salt")]))
    assert code(refused) == expected
