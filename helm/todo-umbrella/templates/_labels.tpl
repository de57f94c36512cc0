{{/* Of what belongs to no single service. */}}
{{- define "todo.labels" -}}
app.kubernetes.io/part-of: todo
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* The port of the gateway's Service: its own value, or that for every service. */}}
{{- define "todo.gatewayPort" -}}
{{- $own := (index .Values "api-gateway").service | default dict -}}
{{ include "common.text" ($own.port | default .Values.global.service.service.port) }}
{{- end -}}
