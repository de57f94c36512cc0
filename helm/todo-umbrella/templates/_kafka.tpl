{{/* Metadata of a Kafka component that says how sidecars log in. */}}
{{- define "todo.kafkaAuth" -}}
{{- $kafka := .Values.global.kafka -}}
- name: authType
  value: {{ get (dict "none" "none" "tls" "certificate" "password" "password" "mtls" "mtls") $kafka.auth }}
{{- if eq $kafka.auth "password" }}
- name: saslMechanism
  value: {{ $kafka.saslMechanism }}
{{- include "todo.fromKafkaSecret" (list $kafka "saslUsername" "username") }}
{{- include "todo.fromKafkaSecret" (list $kafka "saslPassword" "password") }}
{{- else if eq $kafka.auth "mtls" }}
{{- include "todo.fromKafkaSecret" (list $kafka "clientCert" "tls.crt") }}
{{- include "todo.fromKafkaSecret" (list $kafka "clientKey" "tls.key") }}
{{- end }}
{{- if and $kafka.privateCa (ne $kafka.auth "none") }}
{{- include "todo.fromKafkaSecret" (list $kafka "caCert" "ca.crt") }}
{{- end }}
{{- end -}}

{{- define "todo.fromKafkaSecret" }}
- name: {{ index . 1 }}
  secretKeyRef:
    name: {{ (index . 0).secret }}
    key: {{ index . 2 }}
{{- end -}}
