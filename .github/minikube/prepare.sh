#!/usr/bin/env bash
# Into the cluster of KUBECONFIG: one Kafka broker, one PostgreSQL, and every secret that the chart names, with passwords
# made here. For tests: nothing of it is kept.
set -euo pipefail
cd "$(dirname "$0")"

password() { openssl rand -hex 24; }
secret() { kubectl --namespace "$1" create secret generic "$2" "${@:3}" --dry-run=client --output yaml | kubectl apply --filename -; }

kubectl apply --filename ../../k8s/base/namespace.yaml --filename namespaces.yaml
secret postgres postgres "--from-literal=password=$(password)"
kubectl apply --filename infrastructure.yaml
kubectl --namespace postgres rollout status deployment/postgres --timeout 5m
kubectl --namespace kafka rollout status deployment/kafka --timeout 5m

host=postgres.postgres.svc.cluster.local:5432
sql() { kubectl --namespace postgres exec --stdin deployment/postgres -- psql --username postgres --quiet --set ON_ERROR_STOP=1; }
database() {
  local name=$1 as=$2 word
  word=$(password)
  printf 'CREATE ROLE %s LOGIN PASSWORD '\''%s'\'';\nCREATE DATABASE %s OWNER %s;\nREVOKE ALL ON DATABASE %s FROM PUBLIC;\n' \
    "$name" "$word" "$name" "$name" "$name" | sql
  secret todo-app "$as" "--from-literal=url=postgresql://$name:$word@$host/$name"
}
for name in task scheduler notification analytics; do database "$name" "$name-service-database"; done
database identity identity-database
secret todo-app identity "--from-literal=secret=$(password)"
for app in api-gateway task-service scheduler-service notification-service analytics-service; do
  for of in dapr app; do secret todo-app "$app-$of-api-token" "--from-literal=token=$(password)"; done
done
