"""As much of kafka-topics.sh and kafka-acls.sh as librdkafka's suite calls, over confluent-kafka's administrator."""

import argparse
import sys

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, NewPartitions, NewTopic, ResourcePatternType, ResourceType)


def settle(futures):
    for future in futures.values():
        try:
            future.result(timeout=30)
        except KafkaException as error:
            sys.exit(f"refused: {error}")


def topics(arguments):
    admin = AdminClient({"bootstrap.servers": arguments.bootstrap_server})
    if arguments.create:
        config = dict(setting.split("=", 1) for setting in arguments.config)
        topic = NewTopic(
            arguments.topic, num_partitions=arguments.partitions or -1,
            replication_factor=arguments.replication_factor or -1, config=config)
        settle(admin.create_topics([topic]))
    elif arguments.alter:
        settle(admin.create_partitions([NewPartitions(arguments.topic, arguments.partitions)]))
    elif arguments.delete:
        settle(admin.delete_topics([arguments.topic]))
    else:
        sys.exit("kafka-topics.sh: expected one of --create, --alter, --delete")


def acls(arguments):
    permission = AclPermissionType.DENY if arguments.deny_principal else AclPermissionType.ALLOW
    principal = arguments.deny_principal or arguments.allow_principal
    host = (arguments.deny_host if arguments.deny_principal else arguments.allow_host) or "*"
    resources = [
        (kind, name)
        for kind, name in (
            (ResourceType.TOPIC, arguments.topic), (ResourceType.GROUP, arguments.group),
            (ResourceType.TRANSACTIONAL_ID, arguments.transactional_id))
        if name
    ]
    if not (arguments.add or arguments.remove) or not (principal and resources):
        sys.exit("kafka-acls.sh: expected --add or --remove, a principal and a resource")
    operation = AclOperation[arguments.operation.upper()]
    admin = AdminClient({"bootstrap.servers": arguments.bootstrap_server})
    said = [
        (kind, name, ResourcePatternType.LITERAL, principal, host, operation, permission) for kind, name in resources]
    if arguments.remove:
        settle(admin.delete_acls([AclBindingFilter(*one) for one in said]))
    else:
        settle(admin.create_acls([AclBinding(*one) for one in said]))


def main():
    parser = argparse.ArgumentParser()
    tools = parser.add_subparsers(dest="tool", required=True)
    for name, serve in (("topics", topics), ("acls", acls)):
        tool = tools.add_parser(name)
        tool.set_defaults(serve=serve)
        tool.add_argument("--bootstrap-server", required=True)
        tool.add_argument("--topic")
        if name == "topics":
            for flag in ("--create", "--alter", "--delete"):
                tool.add_argument(flag, action="store_true")
            tool.add_argument("--partitions", type=int)
            tool.add_argument("--replication-factor", type=int)
            tool.add_argument("--config", action="append", default=[])
        else:
            for flag in ("--add", "--remove", "--force"):
                tool.add_argument(flag, action="store_true")
            tool.add_argument("--operation", default="All")
            for option in ("--group", "--transactional-id", "--allow-principal", "--deny-principal", "--allow-host",
                           "--deny-host"):
                tool.add_argument(option)
    arguments = parser.parse_args()
    arguments.serve(arguments)


if __name__ == "__main__":
    main()
